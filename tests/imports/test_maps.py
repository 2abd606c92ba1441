"""The grammar of maps, and what they make of broken, sorted and hostile files."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from exports import adds_up, counts
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.catalog.models import Product
from portal.imports.formats.files import look_at
from portal.imports.maps.draft import table_of, text_of
from portal.imports.maps.opening import open_mapped
from portal.imports.maps.parse import WrongMap, parse
from portal.imports.models import Batch, QuarantinedRow
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.lib.db import db
from portal.members.models import Member
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment

SALES = """
kind = "orders"
currency = "EUR"
timezone = "Europe/Berlin"
[fields]
number = "Invoice"
placed_at = "When"
email = "Mail"
[lines]
title = "What"
quantity = "Pieces"
price = "Each"
"""
ROW = {
    "Invoice": "7", "When": "2025-03-01 10:00", "Mail": "ana@example.com", "What": "Tea",
    "Pieces": "2", "Each": "3.50",
}  # fmt: skip
Mapped = Callable[..., Result]


@pytest.fixture
def mapped(app: Flask, written: Callable[..., Path]) -> Mapped:
    """`mapped(row, row, …, map=…)`: rows like ROW written to a file and imported with a map."""

    def run(*rows: dict[str, str], map: str = SALES, **options: Any) -> Result:
        layout = {key: options.pop(key) for key in ("delimiter", "encoding") if key in options}
        return import_file(written(*(ROW | row for row in rows), **layout), map_text=map, **options)

    return run


def mistakes(text: str) -> dict[str, str]:
    with pytest.raises(WrongMap) as caught:
        parse(text)
    return {mistake.path: mistake.sentence for mistake in caught.value.mistakes}


def test_every_mistake_of_a_map_is_told_at_its_key() -> None:
    found = mistakes("""
kind = "orders"
colour = "red"
timezone = "Mars/Olympus"
dates = "backwards"
rounding = "down"
[fields]
number = "A"
weight = "B"
total = 3
[lines]
quantity = "Q"
[values.number]
a = 1
[codes]
POST = "postage"
[[skip]]
column = "A"
matches = "(a+)+$"
reason = "no"
[[skip]]
column = "A"
equals = "x"
""")
    assert set(found) == {
        "colour", "timezone", "dates", "rounding.mode", "fields.weight", "fields.total",
        "fields.placed_at", "lines.title", "lines.price", "values.number.a", "codes", "codes.POST",
        "skip[1].matches", "skip[2].reason",
    }  # fmt: skip
    assert found["fields.placed_at"] == "A map of orders needs it."
    assert found["codes.POST"] == "It must be one of shipping, discount, tax, no product."


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("kind = ", ""),
        ("", "kind"),
        ('kind = "customers"\n[fields]\nname = "N"', "fields"),
        ('kind = "payments"\n[lines]\ntitle = "N"', "lines"),
        (SALES + '[files]\na = "a.csv"\nb = "b.csv"', "files.b.on"),
        (SALES + '[files]\na = "a.csv"\nb = {file = "b.csv", on = {c = "x", here = "y"}}',
         "files.b.on.c"),
        (SALES + '[values.financial_status]\npaid = "paid"', "values.financial_status"),
        (SALES + '[credit_notes]\ncolumn = "Invoice"', "credit_notes"),
        (SALES + '[credit_notes]\ncolumn = "Invoice"\nmatches = "["', "credit_notes.matches"),
        ("a = " + "[" * 5000, ""),
        ("#" * 70_000, ""),
    ],
)  # fmt: skip
def test_a_wrong_map_is_refused_in_words(text: str, path: str) -> None:
    assert path in mistakes(text)


@given(st.text(max_size=300))
def test_no_text_is_a_map_that_breaks_the_program(text: str) -> None:
    for whole in (text, SALES + text, f'kind = "orders"\n[skip]\n{text}', f"[files]\na = {text}"):
        with suppress(WrongMap):
            assert parse(whole).kind == "orders"


def test_a_map_names_the_columns_that_the_file_lacks(app: Flask, mapped: Mapped) -> None:
    result = mapped({}, map=SALES.replace('"Each"', '"Price"').replace('"Mail"', '"E-Mail"'))
    assert result.missing == ["E-Mail", "Price"]
    assert result.error == "The map names columns that the file lacks: E-Mail, Price."
    assert Batch.select().count() == 0


def test_a_mapped_file_comes_in_once(mapped: Mapped) -> None:
    rows = ({}, {"What": "Pot", "Pieces": "1", "Each": "19,00"}, {"Invoice": "8"})
    result = mapped(*rows)
    assert counts(result, "created") == {"members": 1, "orders": 2, "lines": 3}
    assert Order.get(Order.number == "7").total == 2600
    assert Order.get(Order.number == "7").placed_at.isoformat() == "2025-03-01T09:00:00"
    batch = Batch.get()
    assert (batch.kind, batch.map, batch.state) == ("mapped-orders", SALES, "done")
    again = mapped(*rows)
    assert counts(again, "created") == counts(again, "updated") == {}
    dry = mapped(*rows, {"Invoice": "9"}, dry_run=True)
    assert counts(dry, "created") == {"orders": 1, "lines": 1}
    assert Order.select().count() == 2


def test_rows_of_an_order_find_each_other_wherever_they_stand(mapped: Mapped) -> None:
    result = mapped(
        {"Invoice": "7"}, {"Invoice": "8"}, {"Invoice": "7", "What": "Pot"},
        {"Invoice": "8", "What": "Cup"}, {"Invoice": "7", "What": "Lid"},
    )  # fmt: skip
    assert counts(result, "created")["orders"] == 2
    lines = OrderLine.select(OrderLine.title).join(Order).where(Order.number == "7")
    assert [t for (t,) in lines.order_by(OrderLine.position).tuples()] == ["Tea", "Pot", "Lid"]


def test_a_row_without_a_number_belongs_to_the_one_above(mapped: Mapped) -> None:
    blank = dict.fromkeys(ROW, "")
    result = mapped({}, blank | {"What": "Pot", "Pieces": "1", "Each": "1"}, blank)
    assert (result.tally.created["lines"], result.tally.skipped) == (2, 1)
    assert result.tally.reasons == {"blank row": 1}
    assert (result.tally.rows, result.tally.quarantined) == (3, 0)


def test_genuine_twins_among_lines_stay(mapped: Mapped) -> None:
    assert mapped({}, {}).tally.created["lines"] == 2
    assert Order.get().total == 1400


def test_one_bad_cell_puts_its_order_aside_and_no_other(mapped: Mapped) -> None:
    result = mapped({}, {"Pieces": "two"}, {"Invoice": "8"}, {"Invoice": "", "When": "soon"})
    assert result.quarantined == [
        (2, "The order's line 3 can't be read: “Pieces” holds “two”, which is not a whole number."),
        (3, "“Pieces” holds “two”, which is not a whole number."),
    ]
    assert [order.number for order in Order.select()] == ["8"]
    assert QuarantinedRow.select().count() == 2


def test_a_fraction_of_a_cent_needs_the_map_to_say_how_it_is_rounded(mapped: Mapped) -> None:
    rows = ({"Pieces": "1", "Each": "0.125"}, {"Pieces": "3", "Each": "0.125"})
    assert "say “rounding” in the map" in mapped(*rows).quarantined[0][1]
    for number, (rule, total) in enumerate(
        [
            ('{mode = "half-up", per = "line"}', 13 + 38),
            ('{mode = "half-even", per = "line"}', 12 + 38),
            ('{mode = "half-up", per = "order"}', 50),
        ]
    ):
        own = [row | {"Invoice": str(number)} for row in rows]
        mapped(*own, map=f"rounding = {rule}\n" + SALES)
        order = Order.get(Order.number == str(number))
        assert order.total == total
        assert adds_up(order)


@pytest.mark.parametrize(
    ("written_as", "stored", "dates"),
    [
        ("12/31/2010 8:26", "2010-12-31T07:26:00", ""),
        ("12/31/2010 8:26 PM", "2010-12-31T19:26:00", ""),
        ("31.12.2010 12:05 am", "2010-12-30T23:05:00", ""),
        ("03/04/2010", "2010-04-02T22:00:00", "day-first"),
        ("03/04/10 8:26", "2010-03-04T07:26:00", "month-first"),
        ("2010/3/4 8:26", "2010-03-04T07:26:00", ""),
        ("4 Mar 2010, 20h26", "2010-03-04T19:26:00", "%d %b %Y, %Hh%M"),
        ("2024-03-31 02:30", "2024-03-31T01:30:00", ""),  # the clocks jumped over it
        ("2024-10-27 02:30", "2024-10-27T00:30:00", ""),  # it came twice: the first
        ("2024-10-27 02:30 +0100", "2024-10-27T01:30:00", ""),
    ],
)
def test_times_are_read_in_the_zone_of_the_map(
    mapped: Mapped, written_as: str, stored: str, dates: str
) -> None:
    result = mapped({"When": written_as}, map=f'dates = "{dates}"\n{SALES}')
    assert (result.error, result.quarantined) == ("", [])
    assert Order.get().placed_at.isoformat() == stored


def test_a_clock_of_twelve_hours_has_no_thirteen(mapped: Mapped) -> None:
    result = mapped({"When": "2010-12-31 13:26 PM"})
    assert result.quarantined == [
        (2, "“When” holds “2010-12-31 13:26 PM”, which is not a date.")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "cents", "decimal"),
    [
        ("1.250,5", 125050, ""),
        ("1,250.5", 125050, ""),
        ("12,50 €", 1250, ""),
        ("1,250", 125000, "point"),
        ("1,250", 125, "comma"),
        ("(3.00)", -300, ""),
        ("−3.00", -300, ""),
        (".5", 50, ""),
    ],
)
def test_amounts_are_read_as_they_are_written_in_many_lands(
    mapped: Mapped, amount: str, cents: int, decimal: str
) -> None:
    head = f'decimal = "{decimal}"\nrounding = "half-up"\n' if decimal else ""
    result = mapped({"Each": amount, "Pieces": "1"}, map=head + SALES)
    assert result.quarantined == []
    assert Order.get().total == cents


JOINED = """
kind = "orders"
currency = "EUR"
[files]
lines = "lines.csv"
orders = {file = "orders.csv", on = "Invoice"}
people = {file = "people.csv", on = {orders = "Who", here = "Id"}, optional = true}
[fields]
number = "Invoice"
placed_at = "orders.When"
email = "people.Mail"
[lines]
title = "What"
price = "Each"
"""


def join(folder: Path, lines: str, orders: str, people: str, **options: Any) -> Result:
    for name, text in (("lines", lines), ("orders", orders), ("people", people)):
        (folder / f"{name}.csv").write_text(text)
    files = {"orders": folder / "orders.csv", "people": folder / "people.csv"}
    return import_file(folder / "lines.csv", map_text=JOINED, files=files, **options)


def test_every_row_of_every_joined_file_is_accounted_for(app: Flask, tmp_path: Path) -> None:
    result = join(
        tmp_path,
        "Invoice,What,Each\n1,Tea,3\n9,Pot,5\n2.0,Cup,4\n3,Lid,1\n",
        "Invoice,When,Who\n1,2025-01-01,a\n2,2025-01-02,z\n3,2025-01-03,b\n4,2025-01-04,a\n",
        "Id,Mail\na,ana@example.com\nb,one@example.com\nb,two@example.com\nc,c@example.com,x\n",
    )
    assert sorted(order.number for order in Order.select()) == ["1", "2"]
    assert Order.get(Order.number == "2").member is None  # nobody is z, and the map allows it
    assert result.tally.beside == {"orders.csv": [4, 3], "people.csv": [4, 3]}
    assert result.tally.reasons == {"no row names it in orders": 1}
    assert [reason for _line, reason in result.quarantined] == [
        "No row of orders.csv has “9” under “Invoice”.",
        "“b” stands in two rows that are not alike: people.csv, line 3 and people.csv, line 4.",
        "people.csv, line 5: The row has 3 cells where the header names 2 columns.",
    ]
    assert result.tally.rows == 4 + 1 + 1
    assert result.tally.rows == 2 + result.tally.skipped + result.tally.quarantined


def test_a_missing_file_of_the_map_is_named(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text("Invoice,What,Each\n1,Tea,3\n")
    result = import_file(tmp_path / "lines.csv", map_text=JOINED)
    assert result.missing == ["orders.csv", "people.csv"]


def test_parts_with_other_columns_are_refused(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n")
    (tmp_path / "b.csv").write_text(
        ",".join(reversed(ROW))
        + "\n"
        + ",".join(reversed((ROW | {"Invoice": "8"}).values()))
        + "\n"
    )
    (tmp_path / "c.csv").write_text("Invoice,When\n9,2025-01-01\n")
    text = SALES + '[files]\nall = "*.csv"\n'
    both = [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert import_file(both[0], map_text=text, files={"all": both}).tally.created["orders"] == 2
    result = import_file(both[0], map_text=text, files={"all": [*both, tmp_path / "c.csv"]})
    assert result.error == "c.csv has other columns than a.csv."
    assert Batch.select().where(Batch.finished_at.is_null()).count() == 0


def test_an_import_that_was_cut_off_goes_on_with_the_same_stream(
    mapped: Mapped, written: Callable[..., Path]
) -> None:
    rows = [ROW | {"Invoice": str(n % 1500), "Mail": f"p{n % 700}@example.com"}
            for n in range(6000)]  # fmt: skip
    path = written(*rows)

    class Cut(Exception):
        pass

    def cut(_done: int, _size: int) -> None:
        batch = Batch.get_or_none()
        if batch and batch.position:
            raise Cut

    with pytest.raises(Cut):
        import_file(path, map_text=SALES, progress=cut)
    half = Order.select().count()
    assert 0 < half < 1500
    result = import_file(path, map_text=SALES)
    assert (Order.select().count(), Member.select().count()) == (1500, 700)
    assert (Batch.select().count(), result.tally.rows) == (1, 6000)
    assert result.tally.created == {
        "members": 700, "orders": 1500, "lines": 6000, "payments": 0, "refunds": 0, "products": 0
    }  # fmt: skip
    assert all(adds_up(order) for order in Order.select().limit(50))


def test_a_better_map_mends_what_came_in(mapped: Mapped) -> None:
    mapped({})
    paid = SALES.replace("[lines]", 'financial_status = {const = "paid"}\n[lines]')
    result = mapped({}, map=paid)
    assert counts(result, "updated") == {"orders": 1}
    assert Payment.get().amount == 700


def test_a_state_that_is_not_translated_is_told(mapped: Mapped) -> None:
    text = SALES.replace("[lines]", 'financial_status = "What"\n[lines]')
    assert mapped({}, map=text).quarantined == [
        (2, "“What” holds “Tea”, which the map does not translate.")
    ]
    mapped({}, map=text + '[values.financial_status]\nTEA = "paid"')
    assert Order.get().pay_status == "paid"


CUSTOMERS = 'kind = "customers"\n[fields]\ncustomer_id = "Id"\nphone = "Phone"\nname = "Name"\n'


def test_people_come_in_by_a_map(app: Flask, written: Callable[..., Path]) -> None:
    row = {"Id": "17.0", "Phone": "'+49 30 1234567", "Name": "Ana"}
    path = written(
        row, row | {"Id": "1.7E+12"}, dict.fromkeys(row, ""), row | {"Id": "", "Phone": ""}
    )
    result = import_file(path, map_text=CUSTOMERS)
    assert (result.tally.created["members"], result.tally.skipped) == (1, 1)
    assert [line for line, _reason in result.quarantined] == [3, 5]
    assert Member.get().name == "Ana"


def test_nothing_is_left_of_the_temporary_files(
    mapped: Mapped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    mapped({})
    mapped({}, map=SALES.replace("2", "3"), dry_run=True)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert db.is_closed() is False


ALGOLPLUS = [
    "Order Number", "Order Status", "Order Date", "Customer Note", "First Name (Billing)",
    "Last Name (Billing)", "Company (Billing)", "Address 1&2 (Billing)", "City (Billing)",
    "State Code (Billing)", "Postcode (Billing)", "Country Code (Billing)", "Email (Billing)",
    "Phone (Billing)", "First Name (Shipping)", "Last Name (Shipping)", "Address 1&2 (Shipping)",
    "City (Shipping)", "State Code (Shipping)", "Postcode (Shipping)", "Country Code (Shipping)",
    "SKU", "Item #", "Item Name", "Quantity (- Refund)", "Item Cost", "Coupon Code",
    "Discount Amount", "Discount Amount Tax", "Payment Method Title", "Cart Discount Amount",
    "Cart Discount Amount(inc. tax)", "Order Subtotal Amount", "Shipping Method Title",
    "Order Shipping Amount", "Order Refund Amount", "Order Total Amount",
    "Order Total Tax Amount",
]  # fmt: skip
ORDER = dict.fromkeys(ALGOLPLUS, "") | {
    "Order Number": "5001", "Order Status": "Completed", "Order Date": "2025-03-01 10:00",
    "First Name (Billing)": "Ana", "Last Name (Billing)": "Pérez", "City (Billing)": "Bogotá",
    "Email (Billing)": "ana@example.com", "SKU": "TEA-1", "Item #": "1", "Item Name": "Sencha",
    "Quantity (- Refund)": "2", "Item Cost": "10", "Cart Discount Amount": "2.00",
    "Order Shipping Amount": "4.50", "Order Refund Amount": "0", "Order Total Amount": "41.50",
    "Order Total Tax Amount": "0", "Payment Method Title": "Card",
}  # fmt: skip
MAPS = Path(__file__).resolve().parents[2] / "docs" / "maps"


@pytest.mark.parametrize("filled", [True, False])
def test_algolplus_comes_in_as_a_workbook_as_it_does_by_default(
    app: Flask, tmp_path: Path, filled: bool
) -> None:
    second = ORDER | {"SKU": "POT-1", "Item #": "2", "Item Name": "Pot", "Quantity (- Refund)": "1",
                      "Item Cost": "19"}  # fmt: skip
    if not filled:  # "Fill order columns for: 1st row only"
        line = ("SKU", "Item #", "Item Name", "Quantity (- Refund)", "Item Cost")
        second = {name: second[name] if name in line else "" for name in ALGOLPLUS}
    book = Workbook()
    for row in (dict(zip(ALGOLPLUS, ALGOLPLUS, strict=True)), ORDER, second):
        book.active.append([row[name] for name in ALGOLPLUS])
    book.active.append([(ORDER | {"Order Number": "5002", "Order Status": "Trash"})[n]
                        for n in ALGOLPLUS])  # fmt: skip
    book.save(tmp_path / "orders.xlsx")
    text = (MAPS / "algolplus-orders.toml").read_text("utf-8")
    result = import_file(tmp_path / "orders.xlsx", map_text=text)
    assert (result.error, result.quarantined) == ("", [])
    order = Order.get()
    assert (order.number, order.total, order.items, order.discount) == ("5001", 4150, 3900, 200)
    assert (order.pay_status, order.ship_status, order.not_itemised) == ("paid", "fulfilled", 0)
    assert order.billing == {"name": "Ana Pérez", "city": "Bogotá"}
    assert result.tally.reasons == {"a draft that was never placed": 1}
    again = import_file(tmp_path / "orders.xlsx", map_text=text)
    assert counts(again, "created") == counts(again, "updated") == {}


def test_every_shipped_map_is_a_map() -> None:
    for path in MAPS.glob("*.toml"):
        map = parse(path.read_text("utf-8"))
        assert table_of(text_of(table_of(map.text))) == table_of(map.text)


PRODUCTS = 'kind = "products"\n[fields]\nsku = "Code"\ntitle = "Name"\nprice = "Price"\n'


def test_products_come_in_by_a_map(app: Flask, written: Callable[..., Path]) -> None:
    path = written({"Code": "TEA-1", "Name": "Sencha", "Price": "12.50"},
                   {"Code": "", "Name": "Nothing", "Price": "1"})  # fmt: skip
    result = import_file(path, map_text=PRODUCTS)
    assert counts(result, "created") == {"products": 1}
    assert Product.get().price == 1250
    assert [line for line, _reason in result.quarantined] == [3]
    assert counts(import_file(path, map_text=PRODUCTS), "updated") == {}


def test_a_large_joined_file_takes_little_memory(app: Flask, tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        with (tmp_path / "lines.csv").open("w") as stream:
            stream.write("Invoice,What,Each\n")
            stream.writelines(f"{n % (rows // 4)},Tea {n},3.50\n" for n in range(rows))
        with (tmp_path / "orders.csv").open("w") as stream:
            stream.write("Invoice,When,Who\n")
            stream.writelines(f"{n},2025-01-01,p{n}\n" for n in range(rows // 4))
        with (tmp_path / "people.csv").open("w") as stream:
            stream.write("Id,Mail\n")
            stream.writelines(f"p{n},p{n}@example.com\n" for n in range(rows // 4))
        sources = {name: [look_at(tmp_path / f"{name}.csv")] for name in
                   ("lines", "orders", "people")}  # fmt: skip
        joined, reader = open_mapped(parse(JOINED), tmp_path / "lines.csv", {
            name: found[0].path for name, found in sources.items() if name != "lines"
        })  # fmt: skip
        tracemalloc.start()
        with joined:
            joined.gather()
            made = sum(1 for _record in reader.read(joined.rows(), joined.context))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert made == rows // 4
        return most

    few, many = peak(2_000), peak(20_000)
    assert many < few + 8_000_000
