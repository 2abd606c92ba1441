"""The owner's imports page as its requests see it: slices, plans, refusals, corrections."""

import io
import re
from typing import Any

import pytest
from factories import make_member
from flask import Flask

from portal.imports import jobs, uploads
from portal.imports.models import Batch, QuarantinedRow, Upload
from portal.members.models import Member
from portal.orders.models import Order

HEADER = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku\n"  # fmt: skip
GOOD = "#1001,ana@example.com,paid,EUR,12.50,2026-11-18 09:58:12 +0100,1,Sencha,12.50,TEA-1\n"
BAD = "#1002,<b>bo@example.com,paid,EUR,much,2026-11-18 09:58:12 +0100,1,Tea,12.50,TEA-1\n"
FILE = (HEADER + GOOD + BAD).encode()
JSON = {"Accept": "application/json"}


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_member("Marit De Smet", role="owner", email="marit@shop.example")


@pytest.fixture
def browser(sign_in: Any, owner: Member) -> Any:
    return sign_in(owner)


def announce(browser: Any, size: int = len(FILE), **values: Any) -> Any:
    data = {"name": "orders.csv", "size": size, **values}
    return browser.post("/staff/imports/uploads", data=data, headers=JSON)


def send(browser: Any, token: str, at: int, body: bytes) -> Any:
    return browser.post(
        f"/staff/imports/uploads/{token}/slices?at={at}", data=body,
        content_type="application/octet-stream",
    )  # fmt: skip


def sent(browser: Any, body: bytes = FILE) -> str:
    """A file that is sent and looked at; its page's address."""
    token = announce(browser, len(body)).json["token"]
    assert send(browser, token, 0, body).json == {"received": len(body)}
    jobs.go_on.call_local()
    return f"/staff/imports/uploads/{token}"


def brought_in(browser: Any, body: bytes = FILE) -> Batch:
    browser.post(f"{sent(browser, body)}/go")
    jobs.go_on.call_local()
    return Batch.select().order_by(Batch.id.desc()).get()


def test_a_file_is_announced_and_goes_on_where_it_stopped(browser: Any) -> None:
    first = announce(browser).json
    assert (first["received"], first["page"]) == (0, f"/staff/imports/uploads/{first['token']}")
    assert send(browser, first["token"], 0, FILE[:50]).json == {"received": 50}
    again = announce(browser, token=first["token"]).json
    assert (again["token"], again["received"]) == (first["token"], 50)
    other = announce(browser, size=len(FILE) + 1, token=first["token"]).json
    assert other["token"] != first["token"]


def test_a_slice_out_of_step_is_told_where_the_file_ends(browser: Any) -> None:
    token = announce(browser).json["token"]
    send(browser, token, 0, FILE[:50])
    answer = send(browser, token, 10, FILE[10:60])
    assert (answer.status_code, answer.json) == (409, {"received": 50})
    assert Upload.get().received == 50


def test_a_slice_that_is_too_big_is_refused_before_it_is_read(browser: Any) -> None:
    token = announce(browser, size=5 << 20).json["token"]
    answer = send(browser, token, 0, b"x" * ((1 << 20) + 1))
    assert (answer.status_code, answer.json["received"]) == (413, 0)
    assert uploads.path_of(Upload.get()).stat().st_size == 0


def test_a_full_disk_answers_in_words(browser: Any) -> None:
    token = announce(browser).json["token"]
    path = uploads.path_of(Upload.get())
    path.unlink()
    path.symlink_to("/dev/full")
    answer = send(browser, token, 0, FILE)
    assert answer.status_code == 507
    assert answer.json["error"].startswith("The disk of the shop’s machine is full.")
    path.unlink()


def test_a_slice_needs_the_token_of_the_page(browser: Any) -> None:
    token = announce(browser).json["token"]
    answer = browser.post(f"/staff/imports/uploads/{token}/slices?at=0", data=FILE, csrf=False)
    assert answer.status_code == 403
    assert Upload.get().received == 0


def test_agents_find_no_imports(browser: Any, sign_in: Any) -> None:
    token = announce(browser).json["token"]
    agent = sign_in(make_member("Ines Peeters", role="agent"))
    for path in ("", f"/uploads/{token}", "/uploads"):
        assert agent.get(f"/staff/imports{path}").status_code == 404
    assert send(agent, token, 0, FILE).status_code == 404


def test_a_plain_form_takes_whole_files(browser: Any) -> None:
    data = {"file": [(io.BytesIO(FILE), "a.csv"), (io.BytesIO(FILE * 2), "b.csv")]}
    answer = browser.post("/staff/imports/uploads", data=data)
    assert (answer.status_code, answer.location) == (303, "/staff/imports")
    assert [u.state for u in Upload.select()] == ["looking", "looking"]
    one = browser.post("/staff/imports/uploads", data={"file": [(io.BytesIO(FILE), "a.csv")]})
    assert one.location == f"/staff/imports/uploads/{Upload.get_by_id(3).token}"


def test_a_plain_form_without_a_file_says_so(browser: Any) -> None:
    answer = browser.post("/staff/imports/uploads", data={}, follow_redirects=True)
    assert "Choose a file first." in answer.text
    empty = browser.post("/staff/imports/uploads", data={"file": [(io.BytesIO(b""), "a.csv")]})
    assert (empty.status_code, Upload.select().count()) == (409, 0)


def test_the_plan_names_everything_that_would_happen(browser: Any) -> None:
    page = browser.get(sent(browser)).text
    for words in (
        "Orders from Shopify, orders.csv", "1 new order and 1 new member would come in.",
        "2 rows were read.", "One row would stay out", "€12.50", "New people", "Bring it in",
        "“Total” holds “much”, which is not an amount.",
    ):  # fmt: skip
        assert words in page
    assert Order.select().count() == 0


def test_polling_ends_with_an_element_that_does_not_poll(browser: Any) -> None:
    token = announce(browser).json["token"]
    send(browser, token, 0, FILE)
    url = f"/staff/imports/uploads/{token}"
    busy = browser.get(url, htmx=True)
    assert 'data-hx-trigger="every 1s"' in busy.text
    assert "HX-Reswap" not in busy.headers
    jobs.go_on.call_local()
    done = browser.get(url, htmx=True)
    assert "every 1s" not in done.text
    assert done.headers["HX-Reswap"] == "outerHTML"


@pytest.mark.parametrize("htmx", [True, False])
def test_a_double_click_brings_it_in_once(browser: Any, htmx: bool) -> None:
    url = sent(browser)
    for _click in range(2):
        answer = browser.post(f"{url}/go", htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
    jobs.go_on.call_local()
    assert browser.post(f"{url}/go").status_code == 303
    jobs.go_on.call_local()
    assert (Batch.select().count(), Order.select().count()) == (1, 1)
    assert "1 new order and 1 new member came in." in browser.get(url).text


def test_a_plan_cannot_be_skipped(browser: Any) -> None:
    token = announce(browser).json["token"]
    answer = browser.post(f"/staff/imports/uploads/{token}/go")
    assert answer.status_code == 409
    assert "has to be looked at first" in answer.text


def test_a_refusal_names_the_nearest_kinds_and_offers_a_map(browser: Any) -> None:
    url = sent(browser, b"Customer,Kettles\nAna,3\n")
    page = browser.get(url).text
    assert "This file can’t come in as it is." in page
    assert re.search(r'href="/staff/imports/map/[\w-]+">Map its columns', page)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"kind": "nonsense"}, "Choose one of the kinds."),
        ({"currency": "XX"}, "“XX” is no currency"),
        ({"shop": "x" * 61}, "1 to 60 characters"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_wrong_choice_is_told_and_stays_typed(
    browser: Any, said: dict[str, str], told: str, htmx: bool
) -> None:
    url = sent(browser)
    answer = browser.post(f"{url}/look", data=said, htmx=htmx)
    assert answer.status_code == 422
    assert told in answer.text
    assert Upload.get().state == "looked"
    for name, value in said.items():
        if name != "kind":
            assert f'name="{name}" value="{value}"' in answer.text


def test_a_file_that_is_taken_away_is_gone(browser: Any) -> None:
    url = sent(browser)
    assert browser.post(f"{url}/cancel").location == "/staff/imports"
    assert "This file was removed." in browser.get(url).text
    assert not uploads.path_of(Upload.get()).exists()
    assert browser.post(f"{url}/go").status_code == 409


@pytest.mark.parametrize("htmx", [True, False])
def test_a_row_is_put_right_in_place(browser: Any, owner: Member, htmx: bool) -> None:
    batch = brought_in(browser)
    url = f"/staff/imports/{batch.id}/aside/3"
    assert f'href="{url}"' in browser.get(f"/staff/imports/{batch.id}").text
    editor = browser.get(url, htmx=htmx).text
    row = QuarantinedRow.get()
    total, email = (f"c{row.id}-{batch.header.index(name)}" for name in ("Total", "Email"))
    assert f'name="{total}" value="much"' in editor
    assert "&lt;b&gt;bo@example.com" in editor
    wrong = browser.post(url, data={total: "more", email: "bo@example.com"}, htmx=htmx)
    assert wrong.status_code == 422
    assert "“Total” holds “more”, which is not an amount." in wrong.text
    assert f'name="{total}" value="more"' in wrong.text
    assert f'name="{email}" value="bo@example.com"' in wrong.text
    right = browser.post(url, data={total: "12.50", email: "bo@example.com"}, htmx=htmx)
    assert right.status_code == (200 if htmx else 303)
    assert Order.get(Order.number == "1002").email == "bo@example.com"
    assert QuarantinedRow.get().corrected_by_id == owner.id
    again = browser.post(url, data={total: "12.50"}, htmx=htmx)
    assert again.status_code == 409
    assert "none is put aside" in browser.get(f"/staff/imports/{batch.id}").text


def test_rows_of_another_import_are_not_found(browser: Any) -> None:
    batch = brought_in(browser)
    assert browser.get(f"/staff/imports/{batch.id}/aside/2").status_code == 404
    assert browser.get(f"/staff/imports/{batch.id + 1}/aside/3").status_code == 404
    assert browser.get(f"/staff/imports/{batch.id + 1}/aside").status_code == 404


def test_what_stays_out_is_taken_away_as_a_file(browser: Any) -> None:
    batch = brought_in(browser)
    answer = browser.get(f"/staff/imports/{batch.id}/aside")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders-aside.csv"'
    lines = answer.text.splitlines()
    assert lines[0] == HEADER.strip() + ",Why it stays out"
    assert lines[1].startswith("#1002,<b>bo@example.com,paid,EUR,much,")
    assert len(lines) == 2


def test_an_editor_of_a_long_order_shows_some_rows_and_keeps_the_others(browser: Any) -> None:
    more = "#1002,,,,,,1,Cup,1.00,CUP-{n}\n"
    body = (HEADER + BAD + "".join(more.format(n=n) for n in range(400))).encode()
    batch = brought_in(browser, body)
    editor = browser.get(f"/staff/imports/{batch.id}/aside/2").text
    assert editor.count("<legend>") == 12
    assert "The rest of the rows come as they are." in editor
    row = QuarantinedRow.get(QuarantinedRow.line == 2)
    total, email = (f"c{row.id}-{batch.header.index(name)}" for name in ("Total", "Email"))
    answer = browser.post(
        f"/staff/imports/{batch.id}/aside/2", data={total: "412.50", email: "b@example.com"}
    )
    assert answer.status_code == 303
    assert Order.get().line_count == 401


def test_many_open_files_cost_what_one_costs(browser: Any, statements: Any) -> None:
    def cost() -> int:
        with statements() as seen:
            browser.get("/staff/imports")
        return len(seen)

    sent(browser)
    browser.get("/staff/imports")
    one = cost()
    for _file in range(10):
        sent(browser)
    assert cost() == one
