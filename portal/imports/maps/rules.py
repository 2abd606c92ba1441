"""The parts of a map's text that are rules: files and their joins, codes, rows that stay out."""

import re
from dataclasses import dataclass
from typing import Any

from portal.imports.maps.grammar import CODES, TESTS, Condition, File, Skip, Value
from portal.lib.text import _

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
#: A repeated group that repeats inside could take for ever on a hostile cell.
ENDLESS = re.compile(r"\([^)]*[*+}][^)]*\)\s*[*+{]|\\[1-9]|\(\?P=")
Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a map: the key's path (`fields.total`) and a sentence."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class Rules:
    """Reads a map's rules; mistakes are gathered, not thrown."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.mistakes: list[Mistake] = []

    def _wrong(self, path: str, sentence: str) -> None:
        self.mistakes.append(Mistake(path, sentence))

    def _files(self) -> tuple[File, ...]:
        table = self.table.get("files", {})
        if not isinstance(table, dict):
            self._wrong("files", _('It must name the files: orders = "orders.csv".'))
            return ()
        found: list[File] = []
        for name, value in table.items():
            if made := self._file(name, value, found):
                found.append(made)
        return tuple(found)

    def _file(self, name: str, value: Any, before: list[File]) -> File | None:
        path = f"files.{name}"
        if not NAME.fullmatch(name):
            self._wrong(path, _("A file's name has letters, digits, - and _ only."))
            return None
        if isinstance(value, str):
            value = {"file": value}
        if not isinstance(value, dict) or not isinstance(value.get("file"), str):
            self._wrong(path, _('It needs the file\'s name: file = "orders.csv".'))
            return None
        for key in value.keys() - {"file", "on", "optional"}:
            self._wrong(f"{path}.{key}", _("There is no such key; known are file, on, optional."))
        if not before:
            if "on" in value:
                self._wrong(f"{path}.on", _("The first file is joined to no other."))
            return File(name, value["file"])
        return self._joined(name, value, before)

    def _joined(self, name: str, value: Table, before: list[File]) -> File | None:
        path, on = f"files.{name}.on", value.get("on")
        if isinstance(on, str) and on:
            on = {before[0].name: on, "here": on}
        parents = {file.name for file in before}
        if (
            not isinstance(on, dict)
            or len(on) != 2
            or not isinstance(on.get("here"), str)
            or not all(isinstance(column, str) and column for column in on.values())
        ):
            self._wrong(
                path,
                _('It needs the columns that are equal: on = {lines = "Order", here = "Id"}.'),
            )
            return None
        parent = next(key for key in on if key != "here")
        if parent not in parents:
            self._wrong(f"{path}.{parent}", _("No file of that name stands above this one."))
            return None
        return File(
            name, value["file"], parent, on[parent], on["here"], value.get("optional") is True
        )

    def _codes(self, lines: dict[str, Value]) -> dict[str, str]:
        table = self.table.get("codes", {})
        if not isinstance(table, dict):
            self._wrong("codes", _('It must be a table: POST = "shipping".'))
            return {}
        if table and "sku" not in lines:
            self._wrong("codes", _("Codes are looked for in lines.sku, which the map lacks."))
        for code, meaning in table.items():
            if meaning not in CODES:
                choices = ", ".join(CODES)
                self._wrong(f"codes.{code}", _("It must be one of %(choices)s.", choices=choices))
        return {code.strip().casefold(): str(meaning) for code, meaning in table.items()}

    def _credit_notes(self, kind: str) -> tuple[Condition, ...]:
        if "credit_notes" not in self.table:
            return ()
        if kind != "orders":
            self._wrong("credit_notes", _("Only orders have credit notes."))
        return self._conditions("credit_notes", self.table["credit_notes"], set())

    def _skips(self) -> tuple[Skip, ...]:
        rules = self.table.get("skip", [])
        if not isinstance(rules, list):
            self._wrong("skip", _("Rules are written as [[skip]], each with a reason."))
            return ()
        found = []
        for place, rule in enumerate(rules, start=1):
            path = f"skip[{place}]"
            reason = rule.get("reason") if isinstance(rule, dict) else None
            if not isinstance(reason, str) or not 0 < len(reason.strip()) <= 120:
                self._wrong(
                    f"{path}.reason", _("Say in up to 120 characters why the row stays out.")
                )
                continue
            found.append(Skip(self._conditions(path, rule, {"reason"}), reason.strip()))
        return tuple(found)

    def _conditions(self, path: str, rule: Any, beside: set[str]) -> tuple[Condition, ...]:
        """`column` and a test; or several of them in a list `all`."""
        if isinstance(rule, dict) and isinstance(rule.get("all"), list) and rule["all"]:
            for key in rule.keys() - {"all"} - beside:
                self._wrong(f"{path}.{key}", _("It belongs into the list “all”."))
            parts = [
                self._condition(f"{path}.all[{place}]", part, set())
                for place, part in enumerate(rule["all"], start=1)
            ]
        else:
            parts = [self._condition(path, rule, beside)]
        return tuple(part for part in parts if part)

    def _condition(self, path: str, rule: Any, beside: set[str]) -> Condition | None:
        tests = sorted(rule.keys() & set(TESTS)) if isinstance(rule, dict) else []
        column = rule.get("column") if isinstance(rule, dict) else None
        if not isinstance(column, str) or not column or len(tests) != 1:
            self._wrong(path, _("It needs a column and one of %(tests)s.", tests=", ".join(TESTS)))
            return None
        for key in rule.keys() - {"column", "not", *TESTS} - beside:
            self._wrong(f"{path}.{key}", _("There is no such key here."))
        return self._test(f"{path}.{tests[0]}", column, tests[0], rule)

    def _test(self, path: str, column: str, test: str, rule: Table) -> Condition | None:
        turned, value = rule.get("not") is True, rule[test]
        if test == "equals":
            words = value if isinstance(value, list) else [value]
            return Condition(
                column, test, tuple(str(word).strip().casefold() for word in words), turned=turned
            )
        if test == "matches":
            pattern = self._pattern(path, value)
            return Condition(column, test, pattern=pattern, turned=turned) if pattern else None
        if test == "empty":
            if not isinstance(value, bool):
                self._wrong(path, _("It must be true or false."))
            return Condition(column, test, turned=turned ^ (value is False))
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(path, _("It must be a number."))
            return None
        return Condition(column, test, number=float(value), turned=turned)

    def _pattern(self, path: str, value: Any) -> re.Pattern[str] | None:
        if not isinstance(value, str) or len(value) > 100 or ENDLESS.search(value):
            self._wrong(path, _("It must be a simple pattern of up to 100 characters, as in “^C”."))
            return None
        try:
            return re.compile(value)
        except (re.error, OverflowError, RecursionError) as why:
            self._wrong(path, _("The pattern can't be read: %(why)s.", why=why))
            return None
