"""A TOML text to a map, or every mistake in it as a plain sentence with the place of its key."""

import tomllib
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from portal.imports.formats.files import Unreadable
from portal.imports.maps.fields import FIELDS, KINDS, LINES, STATES, Field
from portal.imports.maps.grammar import Map, Rounding, Value
from portal.imports.maps.rules import Mistake, Rules, Table
from portal.lib.money import currencies
from portal.lib.text import _

LONGEST = 65_536  # characters of a map
TOP = frozenset(
    {
        *("kind", "currency", "timezone", "dates", "decimal", "unit", "rounding", "files"),
        *("fields", "lines", "values", "codes", "credit_notes", "skip"),
    }
)


class WrongMap(Unreadable):
    """A map that can't be used; `mistakes` are all that were found."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        first = "; ".join(str(mistake).rstrip(".") for mistake in mistakes[:3])
        super().__init__(_("The map can't be used. %(what)s.", what=first))
        self.mistakes = mistakes


def parse(text: str) -> Map:
    """The map that a text describes. Raises WrongMap with all its mistakes."""
    if len(text) > LONGEST:
        raise WrongMap([Mistake("", _("It is longer than 64 KB."))])
    try:
        table = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as why:
        raise WrongMap([Mistake("", _("It is no TOML: %(why)s", why=why))]) from None
    return _Reading(table, text).map()


class _Reading(Rules):
    """One pass over the table of a map; mistakes are gathered, not thrown."""

    def __init__(self, table: Table, text: str) -> None:
        super().__init__(table)
        self.text = text

    def map(self) -> Map:
        """The map, if nothing was wrong."""
        kind = self._kind()
        for key in self.table.keys() - TOP:
            self._wrong(key, _("There is no such key; known are %(keys)s.", keys=_list(TOP)))
        files = self._files()
        fields = self._values_of("fields", self._flat("fields"), FIELDS[kind])
        lines = self._values_of("lines", self._flat("lines"), LINES) if kind == "orders" else {}
        if kind != "orders" and "lines" in self.table:
            self._wrong("lines", _("Only orders have lines."))
        currency = self._currency(fields)
        found = Map(
            kind=kind,
            text=self.text,
            fields=fields,
            lines=lines,
            values=self._translations(fields, lines),
            files=files,
            currency=currency,
            timezone=self._text("timezone", check=self._zone),
            dates=self._dates(),
            decimal=self._choice("decimal", ("point", "comma")),
            minor=self._choice("unit", ("major", "minor")) == "minor",
            rounding=self._rounding(),
            codes=self._codes(lines),
            credit_notes=self._credit_notes(kind),
            skips=self._skips(),
        )
        self._needs(found)
        if self.mistakes:
            raise WrongMap(self.mistakes)
        return found

    def _kind(self) -> str:
        kind = self.table.get("kind")
        if kind in KINDS:
            return str(kind)
        self._wrong("kind", _("It must be one of %(kinds)s.", kinds=", ".join(KINDS)))
        return "orders"

    def _text(self, path: str, check: Callable[[str], bool], default: str = "") -> str:
        value = self.table.get(path, default)
        if not isinstance(value, str) or (value and not check(value)):
            self._wrong(path, _("“%(value)s” can't be used here.", value=str(value)[:60]))
            return default
        return value

    def _choice(self, path: str, choices: tuple[str, ...], default: str = "") -> str:
        value = self.table.get(path, default)
        if value != default and value not in choices:
            self._wrong(path, _("It must be one of %(choices)s.", choices=", ".join(choices)))
            return default
        return str(value)

    @staticmethod
    def _zone(name: str) -> bool:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            return False
        return True

    def _dates(self) -> str:
        value = self.table.get("dates", "")
        if value in ("", "day-first", "month-first") or (
            isinstance(value, str) and "%" in value and len(value) < 60
        ):
            return str(value)
        self._wrong(
            "dates",
            _("It must be “day-first”, “month-first” or a pattern such as “%%d.%%m.%%y %%H:%%M”.")
            % {},
        )
        return ""

    def _currency(self, fields: dict[str, Value]) -> str:
        value = self.table.get("currency", "")
        if isinstance(value, str) and value.upper() in currencies():
            return value.upper()
        if isinstance(value, str) and value:
            fields.setdefault("currency", Value((value,)))
        elif value:
            self._wrong("currency", _("It must be a code such as EUR, or a column."))
        return ""

    def _flat(self, path: str) -> Table:
        """`billing.city = …` and `[fields.billing]` are the same."""
        table = self.table.get(path, {})
        if not isinstance(table, dict):
            self._wrong(path, _("It must be a table of fields."))
            return {}
        flat: Table = {}
        for key, value in table.items():
            if isinstance(value, dict) and not value.keys() & {"const", "join", "sum", "with"}:
                flat |= {f"{key}.{inner}": own for inner, own in value.items()}
            else:
                flat[key] = value
        return flat

    def _values_of(self, path: str, table: Table, known: dict[str, Field]) -> dict[str, Value]:
        found = {}
        for name, value in table.items():
            if name not in known:
                self._wrong(
                    f"{path}.{name}",
                    _("There is no such field; known are %(names)s.", names=_list(known)),
                )
            elif made := self._value(f"{path}.{name}", value):
                found[name] = made
        return found

    def _value(self, path: str, value: Any) -> Value | None:
        if isinstance(value, str) and value.strip():
            return Value((value,))
        if isinstance(value, dict):
            keys = set(value)
            if keys == {"const"} and isinstance(value["const"], str | int):
                return Value(const=str(value["const"]))
            if keys == {"sum"} and isinstance(value["sum"], str):
                return Value((value["sum"],), summed=True)
            columns = value.get("join")
            if (
                keys <= {"join", "with"}
                and isinstance(columns, list)
                and columns
                and all(isinstance(column, str) for column in columns)
                and isinstance(value.get("with", " "), str)
            ):
                return Value(tuple(columns), between=value.get("with", " "))
        self._wrong(
            path,
            _('It must be a column, {const = "…"}, {join = ["…", "…"]} or {sum = "…"}.'),
        )
        return None

    def _translations(
        self, fields: dict[str, Value], lines: dict[str, Value]
    ) -> dict[str, dict[str, str]]:
        table = self.table.get("values", {})
        if not isinstance(table, dict):
            self._wrong("values", _("It must be a table of fields."))
            return {}
        found: dict[str, dict[str, str]] = {}
        for name, words in table.items():
            path = f"values.{name}"
            if name not in fields and name not in lines:
                self._wrong(path, _("[fields] says nothing of this field."))
            elif not isinstance(words, dict):
                self._wrong(path, _('It must be a table: completed = "paid".'))
            else:
                found[name] = {}
                for word, ours in words.items():
                    self._translate(f"{path}.{word}", name, ours)
                    found[name][" ".join(word.split()).casefold()] = str(ours)
        return found

    def _translate(self, path: str, name: str, ours: Any) -> None:
        if not isinstance(ours, str):
            self._wrong(path, _("It must be a text."))
        elif name in STATES and ours and ours not in STATES[name]:
            self._wrong(path, _("It must be one of %(choices)s.", choices=", ".join(STATES[name])))

    def _rounding(self) -> Rounding | None:
        value = self.table.get("rounding")
        if value is None:
            return None
        if isinstance(value, str):
            value = {"mode": value}
        known = {"mode": ("half-up", "half-even"), "per": ("line", "order")}
        if not isinstance(value, dict) or value.keys() - known.keys():
            self._wrong("rounding", _("It must be “half-up” or “half-even”."))
            return None
        for key, chosen in value.items():
            if chosen not in known[key]:
                choices = ", ".join(known[key])
                self._wrong(f"rounding.{key}", _("It must be one of %(choices)s.", choices=choices))
                return None
        return Rounding(value.get("mode", "half-up"), value.get("per", "line"))

    def _needs(self, found: Map) -> None:
        """What a map of its kind can't do without."""
        for name, field in FIELDS[found.kind].items():
            if field.required and name not in found.fields:
                self._wrong(f"fields.{name}", _("A map of %(kind)s needs it.", kind=found.kind))
        if found.kind == "orders":
            self._needs_of_orders(found)
        contacts = {"customer_id", "email", "phone"}
        if found.kind == "customers" and not contacts & found.fields.keys():
            self._wrong("fields", _("People are known by customer_id, email or phone: map one."))
        for name, value in found.fields.items():
            if value.summed and FIELDS[found.kind][name].type != "money":
                self._wrong(f"fields.{name}", _("Only money can be summed."))
        if any(value.summed for value in found.lines.values()):
            self._wrong("lines", _("A line can't be a sum: sums are for fields of the order."))

    def _needs_of_orders(self, found: Map) -> None:
        if not found.lines and "total" not in found.fields:
            self._wrong("fields.total", _("Map the total, or [lines] that it is computed from."))
        if found.lines and not found.lines.keys() & {"title", "sku"}:
            self._wrong("lines.title", _("A line needs a title or a SKU."))
        if found.lines and not found.lines.keys() & {"price", "total"}:
            self._wrong("lines.price", _("A line needs the price of one, or its total."))


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
