"""What goes out comes in again: unchanged where it is from, equal in an empty database."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from exports import counts, customer, line, order, transaction
from factories import make_member
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_files import back, charge, paypal

from portal.duplicates.merge import merge
from portal.imports.exports.columns import SHEETS
from portal.imports.exports.writing import export, guarded
from portal.imports.reading.own_rows import unguarded
from portal.imports.run import import_file
from portal.lib.db import db
from portal.loyalty.models import LedgerEntry, PointsAccount
from portal.loyalty.vouchers import adjust
from portal.members.models import EmailAddress, Member, PhoneNumber
from portal.ops.verify import problems
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment
from portal.shop.models import change_settings

EVIL = ['=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "'quoted", "a,b;c\td", 'say "hi"',
        "two\r\nlines", "\ttab", " blank ", "null", "naïve 茶 🍵", "000123", "1e5"]  # fmt: skip


@pytest.fixture
def shop(app: Flask, bring: Callable[..., Any]) -> None:
    """A shop with something of everything."""
    change_settings(points_per_unit=0)
    bring(
        customer(note="=1+1"),
        customer(customer_id="'112", email="", first_name="Dee", phone="'+32 470 12 34 56"),
        customer(customer_id="'113", email="eve@example.com", first_name="=Eve"),
    )
    bring(
        order("1001", financial_status="partially_refunded", refunded_amount="5.00",
              lineitem_name="=cmd|' /C calc'!A0", notes="-1\n+2", note_attributes="Carrier: DHL"),
        line("1001", lineitem_name="Pot", lineitem_sku="", lineitem_price="0.50"),
        order("1002", email="", billing_name="@Bob", total="30.00"),
        order("1003", email="cho@example.com", cancelled_at="2025-04-01 10:00:00 +0200"),
        order("1004", email="eve@example.com", currency="JPY", total="1500", subtotal="1500",
              lineitem_price="750", shipping="0"),
        order("1005", email="fay@example.com", financial_status="pending"),
    )  # fmt: skip
    bring(transaction("1003"), transaction("1003", kind="refund", amount="24.50"))
    bring(
        charge("ch_1", description="Order 1001", customer_id="cus_1", amount="20.00"),
        charge("ch_2", customer_email="eve@example.com", description="=Course",
               amount_refunded="3.00"),
        charge("ch_3", status="Pending", customer_email="eve@example.com"),
    )  # fmt: skip
    bring(back("TX000002", "TX000001", "-1.00"), paypal())
    ana = EmailAddress.get(folded="ana@example.com").member
    EmailAddress.create(member=ana, address="Ana@Work.example", folded="ana@work.example")
    PhoneNumber.create(member=ana, number="+34 600 000 000", folded="34600000000")


@contextmanager
def taken_back() -> Any:
    """What happens inside never happened."""
    with db.atomic() as inside:
        yield
        inside.rollback()


def written(folder: Path, what: str, format: str) -> Path:
    path = folder / f"{what}.{format}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(export(what, format, "default"))
    return path


def tables(what: str) -> list[dict[str, Any]]:
    rows = json.loads("".join(export(what, "json", "default")))
    for row in rows:
        for name in ("Member since", "First signed in", "Came by"):
            row.pop(name, None)
    return sorted(rows, key=str)


@pytest.mark.parametrize("format", ["csv", "json"])
@pytest.mark.parametrize("what", list(SHEETS))
def test_our_own_export_changes_nothing_where_it_is_from(
    shop: None, tmp_path: Path, what: str, format: str
) -> None:
    adjust(Member.select().first(), 50, "Sorry", Member.select().first())
    before = [tables(name) for name in SHEETS]
    result = import_file(written(tmp_path, what, format))
    assert (result.error, result.kind, result.quarantined) == ("", f"regulars-{what}", [])
    assert (counts(result, "created"), counts(result, "updated")) == ({}, {})
    assert result.tally.rows == len(tables(what)) > 0
    assert [tables(name) for name in SHEETS] == before
    assert problems() == []


@pytest.mark.parametrize("format", ["csv", "json"])
@pytest.mark.parametrize("first", ["members orders lines payments", "lines payments members",
                                   "payments orders lines members"])  # fmt: skip
def test_an_empty_database_comes_to_the_same(
    app: Flask, request: pytest.FixtureRequest, tmp_path: Path, first: str, format: str
) -> None:
    with taken_back():
        request.getfixturevalue("shop")
        before = {what: tables(what) for what in SHEETS}
        paths = {what: written(tmp_path, what, format) for what in SHEETS}
    assert Member.select().count() == 0
    for what in first.split():
        result = import_file(paths[what])
        assert (result.error, result.quarantined) == ("", []), what
    if first.startswith("payments"):  # money that names a member waits for nobody
        import_file(paths["payments"])
    for what in ("members", "orders", "lines", "payments"):
        assert tables(what) == before[what], what
    assert problems() == []
    for what in first.split():
        again = import_file(paths[what])
        assert (counts(again, "created"), counts(again, "updated")) == ({}, {}), what


def test_points_come_back_as_adjustments_each_once(
    app: Flask, bring: Callable[..., Any], tmp_path: Path
) -> None:
    with taken_back():
        bring(customer(), customer(customer_id="'2", email="bob@example.com"))
        ana, bob = Member.select().order_by(Member.id)
        adjust(ana, 120, "=Welcome", bob, key="a")
        adjust(ana, -20, "A mistake", bob, key="b")
        adjust(bob, 7, "Sorry", ana, key="c")
        entries = [(row["Points of member"], row["Available"]) for row in tables("points")]
        members, points = written(tmp_path, "members", "csv"), written(tmp_path, "points", "csv")
    import_file(members)
    result = import_file(points)
    assert (result.quarantined, result.tally.created["points"]) == ([], 3)
    assert sorted(entries) == sorted(
        (row["Points of member"], row["Available"]) for row in tables("points")
    )
    held = PointsAccount.select(PointsAccount.balance).order_by(PointsAccount.balance)
    assert [row.balance for row in held] == [7, 100]
    assert {row.kind for row in LedgerEntry.select()} == {"adjusted"}
    assert all(row.key.startswith("import:adjust:") for row in LedgerEntry.select())
    again = import_file(points)
    assert (again.tally.unchanged["points"], again.tally.created.get("points")) == (3, None)
    own = import_file(written(tmp_path, "points", "json"))
    assert (own.tally.unchanged["points"], own.tally.created.get("points")) == (3, None)
    assert problems() == []


def test_numbers_of_people_who_were_merged_stand_beside_the_one_who_was_kept(
    app: Flask, bring: Callable[..., Any]
) -> None:
    bring(customer(), customer(customer_id="'2", email="bob@example.com"))
    ana, bob = Member.select().order_by(Member.id)
    assert [row["Earlier numbers"] for row in tables("members")] == ["", ""]
    merge(ana, bob, by=make_member("Ines", email="", role="agent"), why="The same person")
    told = {row["Member number"]: row["Earlier numbers"] for row in tables("members")}
    assert (told[ana.number], bob.number in told) == (bob.number, False)


def test_points_that_were_never_there_cannot_be_taken(app: Flask, bring: Any) -> None:
    bring(customer())
    number = Member.get().number
    rows = [
        dict.fromkeys(SHEETS["points"], "") | {
            "Points of member": who, "Entry key": key, "Entry kind": "adjusted",
            "Available": points, "Why": "x", "Booked at": "2025-03-01T10:00:00Z",
        }
        for who, key, points in (
            (number, "a", "-5"), ("ZZZZ-ZZZZ-Z", "b", "5"), (number, "{lot}", "5"),
            (number, "ok", "5"),
        )
    ]  # fmt: skip
    result = bring(*rows)
    assert [at for at, _why in result.quarantined] == [2, 3, 4]
    assert PointsAccount.get().balance == 5
    assert problems() == []


@pytest.mark.parametrize("format", ["csv", "json"])
@pytest.mark.parametrize("evil", EVIL)
def test_hostile_cells_come_back_as_they_were(
    app: Flask, bring: Callable[..., Any], tmp_path: Path, evil: str, format: str
) -> None:
    bring(order("1001"))
    OrderLine.update(title=evil, vendor=evil).execute()
    Order.update(note=evil, tags=evil, summary=evil, billing={"name": evil, "city": evil}).execute()
    Member.update(name=evil).execute()
    Payment.update(method=evil).execute()
    Order.update(pay_method=evil).execute()
    for what in ("members", "lines", "orders", "payments"):
        before = tables(what)
        result = import_file(written(tmp_path, what, format))
        assert (result.error, result.quarantined) == ("", [])
        assert tables(what) == before
    assert (OrderLine.get().title, Order.get().note, Member.get().name) == (evil,) * 3


@given(st.text(st.characters(codec="utf-8")))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_cell_begins_a_formula_and_every_cell_comes_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(cell) == text


def test_csv_is_plain_and_numbers_stay_numbers(shop: None) -> None:
    whole = "".join(export("orders", "csv", "default"))
    assert not whole.startswith("\ufeff")
    assert whole.split("\r\n")[0] == ",".join(SHEETS["orders"])
    rows = list(csv.DictReader(io.StringIO(whole, newline="")))
    first = rows[0]
    assert (first["Total"], first["Currency"], first["Placed at"]) == (
        "24.50", "EUR", "2025-03-01T08:58:12Z",
    )  # fmt: skip
    assert next(row for row in rows if row["Currency"] == "JPY")["Total"] == "1500"
    assert [row["Not itemised"] for row in rows if row["Order number"] == "1002"] == ["5.50"]
    lines = list(
        csv.DictReader(io.StringIO("".join(export("lines", "csv", "default")), newline=""))
    )
    assert lines[0]["Title"] == "'=cmd|' /C calc'!A0"


def test_another_shops_orders_stay_in_their_shop(app: Flask, bring: Callable[..., Any]) -> None:
    bring(order("1001"), shop="north")
    assert tables("orders") == tables("lines") == tables("payments") == []
    assert len(json.loads("".join(export("orders", "json", "north")))) == 1


def test_a_million_rows_would_need_no_more_memory(app: Flask, statements: Any) -> None:
    for number in range(5):
        Member.make(name=str(number))
    pieces = export("members", "csv", "default")
    with statements() as seen:
        next(pieces)
    assert len(seen) <= 6  # a slice and what belongs to it


def test_the_command_writes_a_file(app: Flask, shop: None, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from portal.imports.exports.command import export_command

    out = tmp_path / "members.json"
    runner = CliRunner()
    answer = runner.invoke(export_command, ["members", "--format", "json", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    assert len(json.loads(out.read_text())) == Member.select().count()
    printed = runner.invoke(export_command, ["orders"])
    assert printed.stdout_bytes.startswith(b"Order number,")
    assert printed.stdout_bytes.count(b"\r\n") >= 6
    assert runner.invoke(export_command, ["secrets"]).exit_code == 2
