"""docs/security.md is true: its tables are the registry of events, the incidents, the doors."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from portal.members import incidents, kinds
from portal.members.kinds import Kind
from portal.members.models.session import ABSOLUTE, FRESH, IDLE

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
#: What members buy, spend and tell of themselves is in the timeline, and no event of security.
OTHER = ("profile.", "wishlist.", "orders.", "payments.", "points.", "imports.", "mail.", "text.")
MAKERS = {"enter": "portal.members.sign_in", "proceed": "portal.members.steps",
          "arrive": "portal.members.steps"}  # fmt: skip


def table(name: str) -> list[list[str]]:
    """The rows of the table below the line `<!-- name -->`, without its head."""
    lines = PAGE.partition(f"<!-- {name} -->\n")[2].splitlines()
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows[2:]


def is_security(kind: Kind) -> bool:
    """Whether the kind belongs in the table."""
    return kind.name.startswith("orders.claim") or not kind.name.startswith(OTHER)


def row(kind: Kind) -> list[str]:
    """What the table says of a kind, its words aside."""
    readers = "member, staff" if kind.member is not None else "staff"
    told = {"in": "let in", "out": "kept out"}.get(kind.outcome, "")
    return [kind.name, readers, told + (", asked about" if kind.asks else "")]


def test_the_table_of_events_is_the_registry(app: Flask) -> None:
    registered = sorted(row(kind) for kind in kinds.everything() if is_security(kind))
    assert sorted(cells[:3] for cells in table("events")) == registered
    assert [cells[0] for cells in table("events") if len(cells[3]) < 10] == []


def test_the_table_of_incidents_is_the_registry() -> None:
    assert table("incidents") == [[name, words] for name, words in sorted(incidents.KINDS.items())]


def test_the_list_of_doors_is_every_call_that_makes_a_session() -> None:
    assert sorted(cells[0] for cells in table("doors")) == sorted(doors())


def test_the_limits_of_sessions_are_those_of_the_code() -> None:
    for said in (
        f"{IDLE[None].days} days without a visit, {ABSOLUTE[None].days} days at most",
        f"{IDLE['agent'].seconds // 3600} hours without a visit, {ABSOLUTE['owner'].days} days",
        f"{FRESH.seconds // 60} minutes",
    ):
        assert said in PAGE


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|portal|docs)/[\w/.]+)`", PAGE)))
)
def test_what_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", PAGE))))
def test_every_test_that_the_page_names_is_there(name: str) -> None:
    everything = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert f"def {name}(" in everything


def doors() -> list[str]:
    """`path: function` of every call of enter, proceed and arrive outside of their own modules."""
    found = set()
    for path in sorted((ROOT / "portal").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        names = _names(tree)
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            if any(_named(call) in names for call in calls):
                found.add(f"{place}: {function.name}")
    return sorted(found)


def _names(tree: ast.Module) -> set[str]:
    """How the makers are called in a module: `enter`, `steps.arrive`."""
    names = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            called = alias.asname or alias.name
            if MAKERS.get(alias.name) == node.module:
                names.add(called)
            for maker, home in MAKERS.items():
                if f"{node.module}.{alias.name}" == home:
                    names.add(f"{called}.{maker}")
    return names


def _named(call: ast.expr) -> str:
    if isinstance(call, ast.Name):
        return call.id
    if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
        return f"{call.value.id}.{call.attr}"
    return ""
