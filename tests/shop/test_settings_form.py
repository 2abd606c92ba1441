"""The owner's settings: wrong values are refused with one sentence, and stay typed."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from factories import make_member, make_order
from PIL import Image

from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.loyalty.card import held
from portal.shop.models import Logo, settings

RIGHT = {
    "name": "Fern & Kettle",
    "accent": "#8a3b12",
    "contact": "hello@fernandkettle.example",
    "timezone": "Europe/Brussels",
    "currency": "EUR",
    "return_days": "30",
    "points_per_unit": "10",
    "point_worth": "0.01",
    "points_since": "2024-01-01",
    "product_link": "https://fernandkettle.example/products/{sku}",
    "card_code": "code128",
}

WRONG = [
    ("name", " ", "Write the name of the shop."),
    ("name", "x" * 81, "Use at most 80 characters for the name."),
    ("accent", "red", "Write the colour as # and six digits, such as #1f7a4d."),
    ("accent", "#12345g", "Write the colour as # and six digits, such as #1f7a4d."),
    ("contact", "nobody", "That is no e-mail address; write one such as hello@shop.example."),
    ("timezone", "Mars/Base", "Choose a time zone of the list, such as Europe/Brussels."),
    ("timezone", "../etc/passwd", "Choose a time zone of the list, such as Europe/Brussels."),
    ("currency", "EURO", "That is no currency; write three letters such as EUR."),
    ("return_days", "-1", "Write the days as a whole number, such as 14."),
    ("return_days", "1_0", "Write the days as a whole number, such as 14."),
    ("return_days", "366", "Choose between 0 and 365 days."),
    ("points_per_unit", "1.5", "Write the points as a whole number, such as 1."),
    ("points_per_unit", "1001", "Choose between 0 and 1,000 points."),
    ("point_worth", "0", "Write an amount of at least 0.01, such as 0.01."),
    ("point_worth", "0.001", "Write an amount of at least 0.01, such as 0.01."),
    ("point_worth", "NaN", "Write an amount of at least 0.01, such as 0.01."),
    ("points_since", "yesterday", "Write the day as year, month and day, such as 2026-01-31."),
    ("product_link", "https://shop.example/products", "LINK"),
    ("product_link", "javascript:alert('{sku}')", "LINK"),
    ("product_link", "https://{sku}", "LINK"),
    ("product_link", "https://{sku}.shop.example/", "LINK"),
    ("product_link", "https://shop.example/{sku}/{name}", "LINK"),
    ("product_link", "http://[{sku}", "LINK"),
    ("card_code", "", "Choose squares or bars for the card."),
    ("card_code", "hologram", "Choose squares or bars for the card."),
]
LINK = "Write a web address with {sku} in it, such as https://shop.example/products/{sku}."


@pytest.fixture
def owner(app):
    return make_member("Marit De Smet", role="owner")


def picture(size=(900, 300), kind="PNG"):
    out = BytesIO()
    Image.new("RGB", size, "#8a3b12").save(out, kind)
    return BytesIO(out.getvalue())


def sentences(answer):
    return [
        unescape(found)
        for found in re.findall(r'<small class="error"[^>]*>(.*?)</small>', answer.text)
    ]


def test_the_owner_changes_every_setting(sign_in, owner):
    answer = sign_in(owner).post("/staff/settings", data=RIGHT)
    assert (answer.status_code, answer.location) == (303, "/staff/settings")
    stored = settings()
    assert {name: str(getattr(stored, name)) for name in RIGHT} == RIGHT | {"point_worth": "1"}


def test_the_form_shows_what_is_stored(sign_in, owner):
    browser = sign_in(owner)
    browser.post("/staff/settings", data=RIGHT)
    page = browser.get("/staff/settings").text
    for name, value in RIGHT.items():
        assert f'name="{name}"' in page
        assert f'value="{value.replace("&", "&amp;")}"' in page


@pytest.mark.parametrize(("name", "typed", "sentence"), WRONG)
def test_a_wrong_value_is_refused_with_one_sentence(sign_in, owner, name, typed, sentence):
    before = settings()
    answer = sign_in(owner).post("/staff/settings", data=RIGHT | {name: typed})
    assert answer.status_code == 422
    assert sentences(answer) == [LINK if sentence == "LINK" else sentence]
    assert settings() == before


def test_what_was_typed_stays_typed(sign_in, owner):
    answer = sign_in(owner).post("/staff/settings", data=RIGHT | {"return_days": "soon"})
    assert 'value="soon"' in answer.text
    assert 'value="Europe/Brussels"' in answer.text


def test_switching_points_on_books_the_orders_that_are_there(sign_in, owner):
    member = make_member()
    make_order(member, total=8740, placed_at=now() - timedelta(days=60))
    browser = sign_in(owner)
    browser.post("/staff/settings", data=RIGHT | {"points_per_unit": "0"})
    run_waiting()
    assert held(member).balance == 0
    browser.post("/staff/settings", data=RIGHT | {"points_per_unit": "1"})
    run_waiting()
    assert held(member).balance == 87
    browser.post("/staff/settings", data=RIGHT | {"points_per_unit": "1", "name": "Fern"})
    assert run_waiting() == 0


def test_a_currency_without_cents_counts_whole_units(sign_in, owner):
    typed = RIGHT | {"currency": "jpy", "point_worth": "1"}
    sign_in(owner).post("/staff/settings", data=typed)
    assert (settings().currency, settings().point_worth) == ("JPY", 1)


def test_a_logo_is_drawn_anew_and_served_for_a_year(sign_in, owner, client):
    answer = sign_in(owner).post(
        "/staff/settings",
        data=RIGHT | {"logo": (picture(), "logo.png")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    served = client.get(f"/logo/{settings().logo_digest}.webp")
    assert (served.status_code, served.mimetype) == (200, "image/webp")
    assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with Image.open(BytesIO(served.data)) as shown:
        assert (shown.format, shown.size) == ("WEBP", (576, 192))


def test_a_new_logo_replaces_the_old_one_and_goes_when_asked(sign_in, owner, client):
    browser = sign_in(owner)
    kind = "multipart/form-data"
    first = RIGHT | {"logo": (picture(), "a.png")}
    browser.post("/staff/settings", data=first, content_type=kind)
    old = settings().logo_digest
    second = RIGHT | {"logo": (picture((64, 64), "JPEG"), "b.jpg")}
    browser.post("/staff/settings", data=second, content_type=kind)
    assert Logo.select().count() == 1
    assert client.get(f"/logo/{old}.webp").status_code == 404
    browser.post("/staff/settings", data=RIGHT | {"no_logo": "y"})
    assert (settings().logo_digest, Logo.select().count()) == ("", 0)


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_no_logo(sign_in, owner, content):
    answer = sign_in(owner).post(
        "/staff/settings",
        data=RIGHT | {"logo": (BytesIO(content), "logo.png")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert sentences(answer) == ["That file is no picture; choose a PNG, JPEG, WebP or GIF."]


def test_the_colour_is_kept_under_its_own_version(sign_in, owner, client):
    sign_in(owner).post("/staff/settings", data=RIGHT)
    fresh = client.get("/brand.css?v=8a3b12")
    assert (fresh.text, fresh.mimetype) == (":root { --shop: #8a3b12 }\n", "text/css")
    assert fresh.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/brand.css?v=000000").headers["Cache-Control"] == "public, max-age=60"


def test_the_preview_takes_colours_and_nothing_else(sign_in, owner):
    browser = sign_in(owner)
    assert "#8a3b12" in browser.get("/staff/settings/accent?accent=%238A3B12", htmx=True).text
    odd = browser.get("/staff/settings/accent?accent=red%22%20onload", htmx=True).text
    assert settings().accent in odd
    assert "onload" not in odd
