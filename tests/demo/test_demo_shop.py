"""The demo shop is the same every time, adds up, and belongs to nobody real."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from portal.demo.parcels import postal_check_digit
from portal.demo.people import COUNTRIES
from portal.demo.shop import DemoPeople, write_demo_shop

TODAY = date(2026, 3, 3)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> DemoPeople:
    return write_demo_shop(tmp_path_factory.mktemp("shop"), TODAY)


@pytest.fixture(scope="module")
def orders(written) -> list[list[dict[str, str]]]:
    """Orders as lists of rows, in the order of the file."""
    return [list(rows) for _, rows in groupby(read(written.orders), key=lambda row: row["Name"])]


@pytest.fixture(scope="module")
def transactions(written) -> list[dict[str, str]]:
    return read(written.transactions)


@pytest.fixture(scope="module")
def customers(written) -> list[dict[str, str]]:
    return read(written.customers)


def small(folder: Path, today: date = TODAY, seed: int = 7) -> list[bytes]:
    shop = write_demo_shop(folder, today, members=60, orders=300, products=80, seed=seed)
    return [path.read_bytes() for path in shop.files]


def test_the_same_seed_and_day_write_the_same_bytes(tmp_path):
    assert small(tmp_path / "first") == small(tmp_path / "second")


def test_another_seed_or_another_day_write_another_shop(tmp_path):
    first = small(tmp_path / "first")

    assert small(tmp_path / "seed", seed=8) != first
    assert small(tmp_path / "day", today=date(2026, 3, 4)) != first


def test_the_shop_is_as_large_as_it_was_asked_to_be(orders, customers):
    skus = {row["Lineitem sku"] for rows in orders for row in rows}
    names = [rows[0]["Name"] for rows in orders]

    assert (len(customers), len(orders), len(skus)) == (2000, 12_000, 400)
    assert names == [f"#{number}" for number in range(1001, 13_001)]


def test_headers_are_those_of_the_real_exports(orders, customers, transactions):
    assert len(orders[0][0]) == 79
    assert list(orders[0][0])[:3] == ["Name", "Email", "Financial Status"]
    assert list(orders[0][0])[-1] == "Payment References"
    assert (len(customers[0]), len(transactions[0])) == (20, 10)
    assert all(row["Customer ID"].startswith("'6") for row in customers)


def test_orders_add_up_but_for_a_deliberate_handful(orders):
    differences = []
    for rows in orders:
        lines = sum(Decimal(r["Lineitem price"]) * int(r["Lineitem quantity"]) for r in rows)
        first = rows[0]
        subtotal = lines - Decimal(first["Discount Amount"])
        assert Decimal(first["Subtotal"]) == subtotal
        parts = subtotal + Decimal(first["Shipping"]) + Decimal(first["Taxes"])
        differences.append(abs(Decimal(first["Total"]) - parts))

    assert sum(difference != 0 for difference in differences) == 12
    assert max(differences) <= 5


def test_an_orders_own_cells_stand_on_its_first_row_only(orders):
    for _, *rest in orders:
        assert {row["Total"] + row["Id"] + row["Note Attributes"] for row in rest} <= {""}


def test_every_address_is_an_example_address(orders, customers):
    addresses = [row["Email"].lower() for rows in orders for row in rows]
    addresses += [row["Email"] for row in customers]
    domains = {address.rpartition("@")[2] for address in addresses if address}

    assert domains == {"example.com", "example.org", "example.net"}


def test_nobody_shares_an_address_a_telephone_number_or_an_id(customers):
    for column in ("Email", "Phone", "Customer ID"):
        values = [row[column] for row in customers if row[column]]
        assert len(set(values)) == len(values)
    assert [row for row in customers if not row["Email"] and not row["Phone"]] == []


def test_guests_come_with_a_telephone_number_only_or_with_nothing(orders):
    first = [rows[0] for rows in orders if not rows[0]["Email"]]
    kinds = Counter("phone" if row["Phone"] else row["Source"] for row in first)

    assert kinds["pos"] == 240
    assert 120 < kinds["phone"] < 500
    assert set(kinds) == {"pos", "phone"}


def test_transactions_agree_with_the_orders_they_pay_for(orders, transactions):
    paid, refunded = Counter(), Counter()
    for row in transactions:
        if row["Status"] == "success" and row["Kind"] in ("sale", "capture"):
            paid[row["Name"]] += Decimal(row["Amount"])
        elif row["Status"] == "success" and row["Kind"] == "refund":
            refunded[row["Name"]] += Decimal(row["Amount"])

    for first, *_ in orders:
        assert paid[first["Name"]] == (Decimal(first["Total"]) if first["Paid at"] else 0)
        assert refunded[first["Name"]] == Decimal(first["Refunded Amount"])


def test_every_state_an_order_can_be_in_occurs(orders):
    first = [rows[0] for rows in orders]

    assert {row["Financial Status"] for row in first} == {
        "paid",
        "pending",
        "partially_refunded",
        "refunded",
        "voided",
    }
    assert {row["Fulfillment Status"] for row in first} == {
        "fulfilled",
        "partial",
        "unfulfilled",
        "restocked",
    }
    assert {row["Currency"] for row in first} == {"EUR", "GBP"}
    assert sum(bool(row["Cancelled at"]) for row in first) > 100


def test_the_hero_has_six_years_of_orders_and_one_under_way(written, orders):
    own = [rows for rows in orders if rows[0]["Email"].lower() == written.hero]
    latest = own[-1]
    oldest = datetime.strptime(own[0][0]["Created at"], "%Y-%m-%d %H:%M:%S %z").date()

    assert len(own) == 60
    assert TODAY - oldest > timedelta(days=6 * 365)
    assert latest[0]["Name"] == f"#{written.latest_order}"
    assert latest[0]["Fulfilled at"] == "2026-03-02 16:20:05 +0100"
    assert latest[0]["Total"] == "87.40"
    assert latest[0]["Note Attributes"].startswith("Tracking number: ")
    assert own[-3][0]["Refunded Amount"] == "29.00"


def test_nothing_happens_before_its_time(orders, transactions):
    for first, *_ in orders:
        moments = [first["Created at"], first["Paid at"], first["Fulfilled at"]]
        # Two offsets in one order would compare wrongly as text.
        known = [datetime.strptime(m, "%Y-%m-%d %H:%M:%S %z") for m in moments if m]
        assert known == sorted(known)
    assert max(row["Created At"] for row in transactions) < "2026-03-03"


def test_offsets_follow_the_clock_in_ghent(orders):
    offsets = {
        (rows[0]["Created at"][5:7], rows[0]["Created at"][-5:])
        for rows in orders
        if rows[0]["Created at"][5:7] in ("01", "07")
    }

    assert offsets == {("01", "+0100"), ("07", "+0200")}


@pytest.mark.parametrize("country", COUNTRIES)
def test_parcels_carry_numbers_in_the_carriers_own_form(country, orders):
    forms = {
        "bpost": ("3232", "CE"),
        "PostNL": ("3SFEKE",),
        "DHL": ("00340434",),
        "UPS": ("1Z",),
        "Royal Mail": ("QG", "KF", "WB"),
    }
    seen = 0
    for first, *_ in orders:
        attributes = dict(
            line.split(": ", 1) for line in first["Note Attributes"].split("\n") if line
        )
        if first["Shipping Country"] == country and "Tracking number" in attributes:
            seen += 1
            carrier = attributes["Tracking company"]
            assert attributes["Tracking number"].startswith(forms[carrier])
    assert seen > 100


def test_a_postal_number_ends_in_its_check_digit():
    assert postal_check_digit("47312482") == 9


def test_names_come_in_every_shape(customers, orders):
    names = {f"{row['First Name']} {row['Last Name']}" for row in customers}
    titles = {row["Lineitem name"] for rows in orders for row in rows}

    assert {"美咲 佐藤", "Ελένη Παπαδοπούλου", "X Æ"} <= names
    assert any("'" in name for name in names)
    assert max(map(len, names)) > 50
    assert max(map(len, titles)) > 240


def test_people_come_back_for_the_same_tea(orders):
    bought = Counter(
        (rows[0]["Email"].lower(), row["Lineitem sku"])
        for rows in orders
        if rows[0]["Email"]
        for row in rows
    )

    assert sum(times > 1 for times in bought.values()) > 3000


def test_december_is_busier_than_july(orders):
    months = Counter(rows[0]["Created at"][:7] for rows in orders)

    assert months["2025-12"] > 2 * months["2025-07"]


def test_a_range_larger_than_the_shop_is_refused(tmp_path):
    with pytest.raises(ValueError, match="the range holds 7 to 404 products"):
        write_demo_shop(tmp_path, TODAY, products=9000)
