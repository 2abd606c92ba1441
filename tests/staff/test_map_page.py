"""The owner says which column is what: drafted, tried out, kept, and used by the next such file."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from factories import make_member
from flask import Flask
from test_hostile_requests import GARBAGE

from portal.imports import uploads
from portal.imports.jobs import go_on
from portal.imports.maps.parse import parse
from portal.imports.models import Batch, SavedMap, Upload
from portal.members.models import Member
from portal.orders.models import Order

ROOT = Path(__file__).resolve().parents[2]
CSV = (
    "Order Number,Order Date,Email,Item Name,Qty,Unit price,Status,Colour\n"
    "17,2025-03-01 10:00,ana@example.com,Tea,2,3.50,Completed,red\n"
    "17,2025-03-01 10:00,ana@example.com,Pot,1,19.00,Completed,blue\n"
    "18,soon,bo@example.com,Tea,1,3.50,On hold,red\n"
)
DRAFT = {
    "kind": "orders", "s:currency": "EUR", "f:fields.number": "col:Order Number",
    "f:fields.placed_at": "col:Order Date", "f:fields.email": "col:Email",
    "f:fields.financial_status": "col:Status", "f:lines.title": "col:Item Name",
    "f:lines.quantity": "col:Qty", "f:lines.price": "col:Unit price",
}  # fmt: skip
MEANS = {"w:financial_status": ["Completed", "On hold"], "o:financial_status": ["paid", "pending"]}


@pytest.fixture
def owner(app: Flask) -> Member:
    return make_member("Marit De Smet", role="owner")


@pytest.fixture
def sent(owner: Member) -> Callable[..., Upload]:
    """`sent(text)`: a file that the owner sent, which no reader knows."""

    def send(text: str = CSV, name: str = "kasse.csv") -> Upload:
        body = text.encode()
        upload = uploads.start(owner, name, len(body))
        uploads.take(upload, 0, body)
        Upload.update(state="refused").where(Upload.id == upload.id).execute()
        return upload

    return send


def url(upload: Upload, deed: str = "") -> str:
    return f"/staff/imports/map/{upload.token}{deed}"


def selected(page: str, name: str) -> str:
    box = re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', page, re.DOTALL)
    if box is None:
        return ""
    found = re.search(r'<option value="([^"]*)" selected', box[0])
    return html.unescape(found[1]) if found else ""


def test_the_page_guesses_from_the_names_of_the_columns(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    page = sign_in(owner).get(url(sent())).get_data(as_text=True)
    for name, value in DRAFT.items():
        if name.startswith("f:"):
            assert selected(page, name) == value
    assert "“Completed”" in page


def test_the_preview_shows_rows_as_they_would_come_in_and_keeps_nothing(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    upload = sent()
    client = sign_in(owner)
    part = client.post(url(upload, "/preview"), data=DRAFT | MEANS, htmx=True)
    words = html.unescape(part.get_data(as_text=True))
    assert 'id="map-preview"' in words
    assert "<html" not in words
    assert "2 × Tea, Pot" in words
    assert "€26.00" in words
    assert "Put aside: “Order Date” holds “soon”, which is not a date." in words
    whole = client.post(url(upload, "/preview"), data=DRAFT | MEANS)
    assert "2 × Tea, Pot" in html.unescape(whole.get_data(as_text=True))
    assert (Order.select().count(), Batch.select().count(), SavedMap.select().count()) == (0, 0, 0)


def test_words_that_shops_often_use_are_understood_at_once(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    upload, client = sent(CSV.replace("Status", "How it stands")), sign_in(owner)
    assert selected(client.get(url(upload)).get_data(as_text=True), "o:financial_status") == ""
    form = DRAFT | {"f:fields.financial_status": "col:How it stands"}
    part = client.post(url(upload, "/preview"), data=form, htmx=True).get_data(as_text=True)
    assert selected(part, "o:financial_status") == "paid"
    assert "€26.00" in part


def test_a_mapping_that_is_used_brings_the_file_in_and_is_remembered(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    upload, client = sent(), sign_in(owner)
    done = client.post(url(upload), data=DRAFT | MEANS)
    assert (done.status_code, done.location) == (303, f"/staff/imports/uploads/{upload.token}")
    go_on.call_local()
    upload = Upload.get_by_id(upload.id)
    assert (upload.state, upload.error) == ("looked", "")
    client.post(f"/staff/imports/uploads/{upload.token}/go")
    go_on.call_local()
    order = Order.get()
    assert (order.number, order.total, order.pay_status) == ("17", 2600, "paid")
    assert Batch.get().kind == "mapped-orders"
    assert Batch.get().map == upload.map
    # The next file has the same columns in another order.
    again = sent(CSV.replace("Status,Colour", "STATUS,colour"), "other.csv")
    page = client.get(url(again)).get_data(as_text=True)
    assert "A file with these columns came in before" in page
    assert SavedMap.select().count() == 1
    client.post(url(again), data=DRAFT | MEANS | {"f:fields.note": "col:Colour"})
    assert "Colour" in SavedMap.get().toml


def test_what_is_wrong_stands_at_its_field_and_nothing_chosen_is_lost(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    upload = sent()
    form = DRAFT | {"f:fields.placed_at": "", "f:fields.source": "=", "c:fields.source": "market"}
    answer = sign_in(owner).post(url(upload), data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-fields-placed-at-error">A map of orders needs it.' in page
    assert selected(page, "f:fields.source") == "="
    assert 'name="c:fields.source" value="market"' in page
    assert Upload.get_by_id(upload.id).state == "refused"


def test_the_text_can_be_edited_and_taken_away_and_keeps_what_has_no_field(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    upload, client = sent(), sign_in(owner)
    text = client.post(url(upload, "/download"), data=DRAFT).get_data(as_text=True)
    assert parse(text).kind == "orders"
    longer = text + (
        '[[skip]]\nreason = "on hold"\ncolumn = "Status"\nequals = "On hold"\n'
    ).replace("[[skip]]", "\n[[skip]]")
    longer = longer.replace(
        'email = "Email"', 'email = "Email"\nname = {join = ["Email", "Colour"]}'
    )
    page = client.post(url(upload, "/text"), data={"text": longer}).get_data(as_text=True)
    assert selected(page, "f:fields.name") == "~"
    assert "Stays out: on hold" in page
    base = html.unescape(re.search(r'name="base" value="([^"]*)"', page, re.DOTALL)[1])  # type: ignore[index]
    kept = client.post(
        url(upload, "/download"), data=DRAFT | {"base": base, "f:fields.name": "~"}
    ).get_data(as_text=True)
    assert parse(kept).skips[0].reason == "on hold"
    assert parse(kept).fields["name"].columns == ("Email", "Colour")
    wrong = client.post(url(upload, "/text"), data={"text": 'kind = "tea"\n<b>'})
    assert wrong.status_code == 422
    assert "kind = &#34;tea&#34;" in wrong.get_data(as_text=True)


def test_files_that_are_no_tables_or_gone_are_refused_in_words(
    sign_in: Any, owner: Member, sent: Callable[..., Upload]
) -> None:
    client = sign_in(owner)
    gone = sent()
    uploads.path_of(gone).unlink()
    assert client.get(url(gone)).status_code == 409
    listed = sent('[{"id": 1}]', "orders.json")
    assert client.get(url(listed)).status_code == 409
    over = sent()
    uploads.cancel(over)
    assert client.get(url(over)).status_code == 404


def test_an_agent_maps_nothing(sign_in: Any, sent: Callable[..., Upload]) -> None:
    client = sign_in(make_member("Ines Peeters", role="agent"))
    upload = sent()
    assert client.get(url(upload)).status_code == 404
    assert client.post(url(upload), data=DRAFT).status_code == 404


@pytest.mark.parametrize(
    "text", ["", "kind = ", "[" * 3000, 'fields = 3\nvalues = "x"', "skip = [1, {}]"]
)
def test_a_broken_base_is_no_bug(
    sign_in: Any, owner: Member, sent: Callable[..., Upload], text: str
) -> None:
    client, upload = sign_in(owner), sent()
    form = DRAFT | MEANS | {"base": text, "s:rounding": "~", "f:fields.note": "~"}
    for deed in ("/preview", "/download", ""):
        assert client.post(url(upload, deed), data=form).status_code in (200, 303, 422)
    assert client.post(url(upload, "/text"), data={"text": text}).status_code == 422


@pytest.mark.parametrize("what", GARBAGE)
def test_no_garbage_breaks_the_form_of_a_map(sent, sign_in, owner, what: str) -> None:
    browser, upload, text = sign_in(owner), sent(), GARBAGE[what]
    sent_text = text.decode("latin-1") if isinstance(text, bytes) else text
    names = ("base", "text", "kind", *DRAFT, *MEANS, "c:fields.number")
    everywhere = dict.fromkeys(names, sent_text)
    sent_forms = [(deed, everywhere) for deed in ("", "/preview", "/text", "/download")]
    sent_forms += [("/preview", {**DRAFT, name: sent_text}) for name in names]
    for deed, form in sent_forms:
        assert browser.post(url(upload, deed), data=form).status_code in (200, 303, 422)
    assert Upload.get_by_id(upload.id).state in ("refused", "looking")
