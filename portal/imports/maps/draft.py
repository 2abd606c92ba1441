"""A map while it is being made on the page: its table, changed by what the form says."""

import tomllib
from collections.abc import Mapping
from typing import Any, Protocol

from portal.imports.maps.fields import FIELDS, KINDS, LINES, STATES
from portal.imports.maps.write import VALUE_KEYS, write
from portal.lib.money import currencies
from portal.lib.text import _

SETTINGS = ("currency", "timezone", "dates", "decimal", "unit", "rounding")
OF_ORDERS = ("lines", "codes", "credit_notes")
CONST, KEPT = "=", "~"  # what a select says besides a column: a constant, or what the text says


class Form(Protocol):
    """A form as it was sent."""

    def get(self, name: str, default: str, /) -> str:
        """One value."""

    def getlist(self, name: str, /) -> list[str]:
        """All values of a name."""


def table_of(text: str) -> dict[str, Any]:
    """The table of a map's text, {} where it is no TOML; a column of currencies is a field."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    column, fields = table.get("currency"), table.setdefault("fields", {})
    if isinstance(column, str) and column.upper() not in currencies() and isinstance(fields, dict):
        fields.setdefault("currency", table.pop("currency"))
    return table


def kind_of(table: Mapping[str, Any]) -> str:
    """The kind that a table names, orders where it names none."""
    kind = table.get("kind")
    return kind if kind in KINDS else "orders"


def chosen(table: Mapping[str, Any], path: str) -> tuple[str, str, str]:
    """What the select of a field shows (a column, CONST, KEPT or blank), the constant, and KEPT."""
    value = _at(table, path)
    if isinstance(value, str):
        return "col:" + value, "", ""
    if not isinstance(value, dict) or not value.keys() & VALUE_KEYS:
        return "", "", ""
    if "const" in value:
        return CONST, str(value["const"]), ""
    if isinstance(columns := value.get("join"), list):
        return KEPT, "", " + ".join(map(str, columns))[:80]
    return KEPT, "", _("sum of %(column)s", column=str(value.get("sum", ""))[:80])


def changed(base: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The table that a form describes; what the form does not show stays as in `base`."""
    kind = form.get("kind", "")
    kind = kind if kind in KINDS else kind_of(base)
    table: dict[str, Any] = {"kind": kind}
    for name in SETTINGS:
        value = form.get(f"s:{name}", "").strip()[:80]
        if value == KEPT and name in base:
            table[name] = base[name]
        elif value and value != KEPT:
            table[name] = value
    rest = {key: value for key, value in base.items() if key not in ("kind", *SETTINGS)}
    if kind != kind_of(base):
        rest = {key: value for key, value in rest.items() if key in ("skip", "files")}
    if kind != "orders":
        rest = {key: value for key, value in rest.items() if key not in OF_ORDERS}
    table |= {key: value for key, value in rest.items() if key == "files"}
    table["fields"] = _section(base, form, "fields", list(FIELDS[kind]))
    if kind == "orders" and (lines := _section(base, form, "lines", list(LINES))):
        table["lines"] = lines
    if values := _values(rest.get("values"), table, form):
        table["values"] = values
    return table | {
        key: value for key, value in rest.items() if key not in (*table, "lines", "values")
    }


def _section(base: Mapping[str, Any], form: Form, section: str, names: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        path = f"{section}.{name}"
        said = form.get(f"f:{path}", "")
        value: Any = None
        if said.startswith("col:"):
            value = said[4:]
        elif said == CONST:
            value = {"const": form.get(f"c:{path}", "").strip()[:200]}
        elif said == KEPT:
            value = _at(base, path)
        if value is None:
            continue
        group, dot, part = name.partition(".")
        if dot:
            found.setdefault(group, {})[part] = value
        else:
            found[name] = value
    return found


def _at(table: Mapping[str, Any], path: str) -> Any:
    value: Any = table
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _values(old: Any, table: dict[str, Any], form: Form) -> dict[str, Any]:
    """Translations: those of the form's states, and those of other fields as they were."""
    values = {
        name: words
        for name, words in (old.items() if isinstance(old, dict) else ())
        if name in table["fields"] or name in table.get("lines", {})
    }
    for name in STATES:
        theirs, ours = form.getlist(f"w:{name}"), form.getlist(f"o:{name}")
        if not theirs or name not in table["fields"]:
            continue
        shown = {" ".join(word.split()).casefold() for word in theirs}
        before = values.get(name)
        kept = {
            word: said
            for word, said in (before.items() if isinstance(before, dict) else ())
            if " ".join(word.split()).casefold() not in shown
        }
        pairs = {word: said for word, said in zip(theirs, ours, strict=False) if said}
        if kept | pairs:
            values[name] = kept | pairs
        else:
            values.pop(name, None)
    return values


def text_of(table: Mapping[str, Any]) -> str:
    """The TOML of a table."""
    return write(dict(table))
