"""Whichever file comes first, the money ends at the same orders and people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exports import customer, order, transaction
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_files import back, charge, everything, paypal, seen

from portal.imports.run import import_file
from portal.lib.db import db
from portal.ops.verify import problems

METADATA = {"order_id (metadata)": "1002"}
NO_METADATA = {"order_id (metadata)": ""}
FILES: dict[str, tuple[dict[str, str], ...]] = {
    "orders": (
        order("1001") | {"Payment Reference": "pi_1"},
        order("1002", email="bob@example.com") | {"Payment Reference": ""},
        order("1003", email="", financial_status="partially_refunded", refunded_amount="6.00")
        | {"Payment Reference": ""},
    ),
    "more orders": (
        order("1004") | {"Payment Reference": "ch_4"},
        order("777", email="cho@example.com", total="30.00") | {"Payment Reference": ""},
        order("1005", email="eve@example.com", total="31.00", payment_method="PayPal")
        | {"Payment Reference": ""},
        order("1006", email="fay@example.com", total="12.00", payment_method="PayPal")
        | {"Payment Reference": ""},
    ),
    "latest orders": (
        order("1007", email="fay@example.com", total="12.00", payment_method="PayPal"),
        order("1008", email="gus@example.com", total="18.00", payment_method="PayPal"),
    ),
    "invoices": (
        paypal("TX000006", from_email_address="eve@example.com", invoice_number="INV-A77-B",
               gross="31.00"),
        paypal("TX000007", from_email_address="fay@example.com", gross="12.00"),
        paypal("TX000008", from_email_address="gus@example.com", gross="18.00"),
    ),
    "later invoices": (
        paypal("TX000009", from_email_address="gus@example.com", gross="18.00"),
        back("TX000010", "TX000006", "-31.00", to_email_address="eve@example.com"),
    ),
    "customers": (
        customer(),
        customer(customer_id="'112", email="dee@example.com", first_name="Dee"),
    ),
    "transactions": (
        transaction("1003"),
        transaction("1003", kind="refund", amount="5.00"),
        transaction("1005", gateway="paypal", payment_method="PayPal", amount="31.00"),
    ),
    "charges": (
        charge("ch_1", old=True, paymentintent_id="pi_1", customer_email="ana@example.com",
               customer_id="cus_1"),
        charge("ch_3", old=True, description="Order 1003", amount_refunded="5.00"),
        charge("ch_4", old=True, customer_email="ana@example.com"),
        charge("ch_5", old=True, customer_id="cus_1"),
        charge("ch_6", old=True, customer_id="cus_dee", customer_email="dee@example.com"),
        charge("ch_7", old=True, status="Pending", customer_email="dee@example.com"),
    ),
    "named charges": (
        charge("ch_2", customer_email="bob@example.com", customer_id="cus_bob") | METADATA,
        charge("ch_8", customer_id="cus_dee", description="Order 4711") | NO_METADATA,
        charge("ch_9", customer_id="cus_bob") | NO_METADATA,
    ),
    "charges again": (
        charge("ch_1", old=True, amount_refunded="2.00", customer_email="ana@example.com"),
        charge("ch_4", old=True, amount_refunded="24.50", status="Refunded"),
        charge("ch_7", old=True, status="Failed", customer_email="dee@example.com"),
    ),
    "paypal": (
        back("TX000003", "TX000002", "-1.00", to_email_address="nobody@example.com"),
        paypal("TX000002", invoice_number="WC-777", gross="20.00"),
        paypal("TX000004", from_email_address="dee@example.com"),
        paypal("TX000005", from_email_address="nobody@example.com"),
    ),
}  # fmt: skip


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens inside never happened."""
    with db.atomic() as inside:
        yield
        inside.rollback()


def test_any_order_of_files_comes_to_the_same(app: Flask, written: Callable[..., Path]) -> None:
    paths = {name: written(*rows) for name, rows in FILES.items()}

    def after(names: list[str]) -> list[Any]:
        with taken_back():
            for name in names:
                result = import_file(paths[name])
                assert (result.error, result.tally.quarantined) == ("", 0)
            assert problems() == []
            found = [*everything(), seen()]
            for name in names:
                again = import_file(paths[name]).tally
                assert not any(again.created.values())
                assert not any(again.updated.values())
            assert [*everything(), seen()] == found
            return found

    expected = after(list(FILES))

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.permutations(list(FILES)))
    def check(names: list[str]) -> None:
        assert after(names) == expected

    check()
    assert expected[1] != []  # some still wait
    told = {email: (sums, rows) for email, sums, rows in expected[-1]}
    assert told["eve@example.com"] == (
        [("EUR", 3100, 3100)],
        [("", 3100, True), ("1005", 3100, True)],
    )
    assert told["fay@example.com"][0] == [("EUR", 2400, 0)]
    assert ("", 1200, False) in told["fay@example.com"][1]
    assert told["gus@example.com"][0] == [("EUR", 1800, 0)]
