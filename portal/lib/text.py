"""Words for people: every sentence goes through gettext, English for now."""

import gettext
from pathlib import Path

LOCALES = Path(__file__).resolve().parent.parent / "locale"
_catalog = gettext.translation("portal", LOCALES, fallback=True)


def _(message: str, **values: object) -> str:
    """Translate `message` and fill its `%(name)s` places with `values`."""
    text = _catalog.gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Translate with the plural that `count` asks for; `%(count)s` is always filled."""
    return _catalog.ngettext(one, many, count) % {"count": count, **values}
