"""The house keeps its shape: one order of domains, one way to write, one name for each file."""

import ast
import re
from pathlib import Path

import pytest

from portal.schema import MODELS

ROOT = Path(__file__).resolve().parent.parent
ORDER = [
    "lib", "shop", "members", "factors", "recovery", "providers", "profiles", "catalog", "orders",
    "payments", "wishlist", "loyalty", "imports", "duplicates", "joining", "claims", "cards",
    "risk", "account", "staff", "demo",
]  # fmt: skip
TOP = {"__init__", "cli", "config", "schema", "ops", "migrations"}
FILES = sorted(path for path in (ROOT / "portal").rglob("*.py") if "migrations" not in path.parts)


def place(path: Path) -> str:
    """The domain (or top-level module) that a file belongs to."""
    part = path.relative_to(ROOT / "portal").parts[0]
    return part.removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The domains that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("portal."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "portal":
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(a.name.split(".")[1] for a in node.names if a.name.startswith("portal."))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_domain_imports_only_those_before_it(path: Path) -> None:
    own = place(path)
    if own in TOP:
        return
    assert own in ORDER, f"{own} is not in the order of domains"
    later = {
        name for name in imported(path) if name in ORDER and ORDER.index(name) > ORDER.index(own)
    }
    assert later == set()
    assert imported(path) & {"cli", "ops", "schema"} == set()


def test_every_write_goes_through_write_tx() -> None:
    bare = [
        f"{path.relative_to(ROOT)}"
        for path in FILES
        if path != ROOT / "portal/lib/db.py" and re.search(r"\.atomic\(", path.read_text("utf-8"))
    ]
    assert bare == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "helpers", "common", "services", "manager", "misc"}
    assert [path for path in FILES if path.stem in vague] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in FILES
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.stem == "__init__")
    ]
    assert silent == []


def test_secrets_never_come_from_the_random_module() -> None:
    allowed = {"demo"}
    users = [
        str(path.relative_to(ROOT))
        for path in FILES
        if place(path) not in allowed
        and re.search(r"^(import random|from random)", path.read_text("utf-8"), re.M)
    ]
    assert users == []


def test_the_map_names_every_domain_in_its_order_and_every_table() -> None:
    page = (ROOT / "docs/ARCHITECTURE.md").read_text("utf-8")
    assert f"`{' → '.join([*ORDER, 'portal/__init__'])}`" in page
    assert re.findall(r"^\| (\w+) \|", page, re.M)[1 : len(ORDER) + 1] == ORDER
    assert [m.__name__ for m in MODELS if not re.search(rf"`{m.__name__}\b", page)] == []
