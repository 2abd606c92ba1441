"""A map's table as TOML, the way a person would write it."""

import json
import re
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")
VALUE_KEYS = frozenset({"const", "join", "sum", "with", "file", "on", "mode", "per"})


def write(table: dict[str, Any]) -> str:
    """TOML of a table whose sections are tables or lists of tables."""
    lines = [f"{_key(key)} = {_inline(value)}" for key, value in table.items() if _plain(value)]
    for key, value in table.items():
        if _plain(value):
            continue
        if isinstance(value, list):
            for rule in value:
                lines += [
                    "",
                    f"[[{_key(key)}]]",
                    *(f"{_key(k)} = {_inline(v)}" for k, v in rule.items()),
                ]
        else:
            lines += _section(_key(key), value)
    return "\n".join(lines).strip() + "\n"


def _section(path: str, table: dict[str, Any]) -> list[str]:
    own = {key: value for key, value in table.items() if _plain(value) or isinstance(value, list)}
    below = {key: value for key, value in table.items() if key not in own}
    lines = []
    if own or not below:
        lines = ["", f"[{path}]", *(f"{_key(k)} = {_inline(v)}" for k, v in own.items())]
    for key, value in below.items():
        lines += _section(f"{path}.{_key(key)}", value)
    return lines


def _plain(value: Any) -> bool:
    """Whether a value stands on the line of its key."""
    if isinstance(value, dict):
        return bool(value) and value.keys() <= VALUE_KEYS
    return not (isinstance(value, list) and value and all(isinstance(v, dict) for v in value))


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _string(key)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    return str(value)


def _string(text: str) -> str:
    """A basic string; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
