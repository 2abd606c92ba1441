"""The owner undoes an import on a page: the plan first, a fresh proof, once, and how far it is."""

import csv
from pathlib import Path

import pytest
from factories import make_member
from flask import Flask

from portal.imports.models import Batch
from portal.imports.run import import_file
from portal.lib.clock import now
from portal.lib.jobs import huey, run_waiting
from portal.members.models import Session
from portal.members.models.session import FRESH
from portal.orders.models import Order

COLUMNS = ["Name", "Email", "Financial Status", "Currency", "Subtotal", "Shipping", "Taxes",
           "Total", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
           "Lineitem sku"]  # fmt: skip


@pytest.fixture
def batch(app: Flask, tmp_path: Path) -> Batch:
    path = tmp_path / "november.csv"
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for number in (1001, 1002):
            rows.writerow([f"#{number}", f"p{number}@example.com", "paid", "EUR", "10.00", "0.00",
                           "0.00", "10.00", "2025-03-01 09:58:12 +0100", "1", "Tea", "10.00",
                           f"T{number}"])  # fmt: skip
    result = import_file(path)
    assert result.error == ""
    run_waiting()  # looking for people who are there twice
    found: Batch = Batch.get_by_id(result.batch)
    return found


@pytest.fixture
def owner(sign_in):
    return sign_in(make_member("Olga Own", role="owner"))


def test_the_page_says_first_what_would_happen(owner, batch: Batch) -> None:
    assert "Undo this import" in owner.get(f"/staff/imports/{batch.id}").get_data(as_text=True)
    text = owner.get(f"/staff/imports/{batch.id}/undo").get_data(as_text=True)
    assert "2 orders" in text
    assert "€20.00" in text
    assert Order.select().count() == 2


def test_undo_and_redo_without_javascript(owner, batch: Batch) -> None:
    url = f"/staff/imports/{batch.id}/undo"
    answer = owner.post(url)
    assert (answer.status_code, answer.location) == (303, url)
    assert "It is being undone." in owner.get(url).get_data(as_text=True)
    run_waiting()
    assert Order.select().count() == 0
    assert "It is undone." in owner.get(url).get_data(as_text=True)
    assert "was undone on" in owner.get(f"/staff/imports/{batch.id}").get_data(as_text=True)
    owner.post(f"/staff/imports/{batch.id}/redo")
    run_waiting()
    assert Order.select().count() == 2


def test_two_clicks_undo_once(owner, batch: Batch) -> None:
    url = f"/staff/imports/{batch.id}/undo"
    for _click in range(2):
        text = owner.post(url, htmx=True).get_data(as_text=True)
        assert "It is being undone." in text
    assert huey.pending_count() == 1
    run_waiting()
    text = owner.post(url, htmx=True).get_data(as_text=True)
    assert "It is undone." in text
    assert huey.pending_count() == 0


def test_an_old_sign_in_is_asked_for_a_fresh_proof(owner, batch: Batch) -> None:
    Session.update(proved_at=now() - FRESH * 2).execute()
    url = f"/staff/imports/{batch.id}/undo"
    assert "Sign in once more to undo it" in owner.get(url).get_data(as_text=True)
    answer = owner.post(url)
    assert answer.location.startswith("/sign-in?again=1")
    assert Batch.get_by_id(batch.id).state == "done"


def test_a_large_import_is_looked_at_in_the_background(owner, batch: Batch) -> None:
    Batch.update(position=70_000).execute()
    url = f"/staff/imports/{batch.id}/undo"
    assert "Find out" in owner.get(url).get_data(as_text=True)
    owner.post(f"{url}/look")
    assert "Looking at what it would mean." in owner.get(url, htmx=True).get_data(as_text=True)
    run_waiting()
    text = owner.get(url, htmx=True).get_data(as_text=True)
    assert "2 orders" in text
    assert "Undo it" in text


def test_an_agent_finds_no_such_page(sign_in, batch: Batch) -> None:
    agent = sign_in(make_member("Nora", role="agent"))
    assert agent.get(f"/staff/imports/{batch.id}/undo").status_code == 404
    assert agent.post(f"/staff/imports/{batch.id}/undo").status_code == 404
