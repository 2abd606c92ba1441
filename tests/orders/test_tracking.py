"""Tracking numbers: whose parcel it is, and links that are always web addresses."""

import pytest
from factories import make_member, make_order

from portal.lib.refused import Refused
from portal.members.models import Event
from portal.orders.models import Fulfilment
from portal.orders.tracking import parcel


@pytest.mark.parametrize(
    ("number", "carrier", "host"),
    [
        ("1Z4W8E276812345678", "UPS", "www.ups.com"),
        ("1z 4w8 e27 68 1234 5678", "UPS", "www.ups.com"),
        ("QG123456785GB", "Royal Mail", "www.royalmail.com"),
        ("323200000000000012345678", "bpost", "track.bpost.cloud"),
        ("CE123456785BE", "bpost", "track.bpost.cloud"),
        ("3SFEKE123456789", "PostNL", "jouw.postnl.nl"),
        ("00340434123456789012", "DHL", "www.dhl.com"),
        ("JJD000390007827402034", "DHL", "www.dhl.com"),
        ("9400111899223197428490", "USPS", "tools.usps.com"),
        ("LZ123456785US", "USPS", "tools.usps.com"),
        ("123456789012", "FedEx", "www.fedex.com"),
        ("01234567890123", "DPD", "tracking.dpd.de"),
        ("RR123456785DE", "Deutsche Post", "www.deutschepost.de"),
    ],
)
def test_the_number_tells_the_carrier_and_its_page(number, carrier, host):
    found = parcel(number)
    assert (found.carrier, found.url.split("/")[2]) == (carrier, host)


def test_a_carrier_that_the_shop_names_wins(app):
    assert parcel("123456789012", "Evri").url == "https://www.evri.com/track/parcel/123456789012"
    assert parcel("123456789012", "DHL Express").carrier == "DHL"
    assert parcel("123456789012", "Joe's bike") == ("123456789012", "Joe's bike", "")


@pytest.mark.parametrize(
    "number",
    ["javascript:alert(1)", "https://evil.example/1", "1Z<script>", "", "٣٣٣٣٣٣٣٣٣٣", "ABC"],
)
def test_what_is_no_known_number_has_no_link(number):
    assert parcel(number).url == ""


@pytest.mark.parametrize(
    "text",
    ["", "   ", "javascript:alert(1)", "https://evil.example/1Z4", "<b>1Z4W8E27</b>", "ABCDEFG"],
)
def test_staff_cannot_set_what_is_no_number(app, text):
    order = make_order(make_member())
    with pytest.raises(Refused) as refusal:
        order.set_tracking(text, make_member("Iris Maes", role="agent"))
    assert str(refusal.value) == "A tracking number has only letters, digits, blanks and hyphens."
    assert Fulfilment.select().count() == 0


def test_setting_a_number_is_told_to_the_member_once(app):
    alice, agent = make_member(), make_member("Iris Maes", role="agent")
    order = make_order(alice, "1048")
    assert order.set_tracking("1Z4W8E276812345678", agent) is True
    assert order.set_tracking("1Z4W8E276812345678", agent) is False
    assert order.set_tracking("3SFEKE123456789", agent) is True
    assert [f.tracking_number for f in order.fulfilments] == ["3SFEKE123456789"]
    told = Event.select().where(Event.member == alice).order_by(Event.id)
    assert [(e.kind, e.subject, e.actor_id, e.data["number"]) for e in told] == [
        ("orders.tracking_set", "1048", agent.id, "1Z4W8E276812345678"),
        ("orders.tracking_set", "1048", agent.id, "3SFEKE123456789"),
    ]


def test_a_number_that_the_import_knew_becomes_the_staffs(app):
    order = make_order(make_member())
    Fulfilment.create(order=order, tracking_number="3SFEKE123456789", carrier="PostNL")
    order.set_tracking("3SFEKE123456789", make_member("Iris Maes", role="agent"))
    assert [(f.tracking_number, f.source) for f in order.fulfilments] == [
        ("3SFEKE123456789", "staff")
    ]


def test_an_order_of_nobody_can_be_tracked_too(app):
    order = make_order(None)
    assert order.set_tracking("3SFEKE123456789", make_member("Iris Maes", role="agent"))
    assert Event.select().count() == 0
