"""What makes one account worth entering: points spent, things saved, a look by the shop."""

from datetime import timedelta

from portal.demo.portrait import portrait
from portal.lib.clock import now, set_back
from portal.lib.db import write_tx
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.orders.models import Order
from portal.profiles.models import Picture, Profile
from portal.profiles.picture import encode_picture
from portal.staff.models import Look, Note
from portal.wishlist.listing import find_product
from portal.wishlist.models import WishlistItem

GOODWILL = "The lid of your canister arrived chipped. With our apologies."
NOTE = "Asked by telephone for the rust glaze only. Saturdays are best for a call back."
BIO = (
    "Green tea in the morning, hojicha after nine.\n"
    "Looking for anybody in Ghent who wants to learn the whisk together."
)
SHOWN = {"name": "everyone", "picture": "everyone", "bio": "everyone", "location": "members"}
# What was saved, its note, and how many days ago.
WISHES = [
    ("FK-OBE-100", "", 188),
    ("FK-BOW-MOS", "With the whisk, for Mam's birthday", 131),
    ("FK-MCH", "", 74),
    ("FK-GIF", "", 33),
    ("FK-IRO", "Once the old one gives up", 5),
]
JOINED = timedelta(days=411)
CHIPPED = timedelta(days=104)
REDEEMED = timedelta(days=61)
LAST_VISIT = timedelta(days=4)  # the newest parcel left after it: that is the news


def settle_in(hero: Member, agent: Member) -> None:
    """Let the hero use the shop through the same verbs as everybody; again, it adds nothing."""
    with set_back(JOINED):
        _write_profile(hero)
    for sku, note, days in WISHES:
        with set_back(timedelta(days=days)):
            _save_wish(hero, sku, note)
    with set_back(CHIPPED):
        adjust(hero, 150, GOODWILL, by=agent, key="demo-chipped-lid")
        _be_noted(hero, agent)
    with set_back(REDEEMED):
        if hero.points_accounts.get().balance >= 500:
            redeem(hero, 500, "demo-first-voucher")
    _come_by(hero)
    _be_looked_at(hero, agent)


def _write_profile(hero: Member) -> None:
    Profile.write(
        hero,
        name=hero.name,
        username="lotte",
        bio=BIO,
        location="Ghent",
        links=["https://lotte.example/tea-notes"],
    )
    for field, audience in SHOWN.items():
        Profile.show_to(hero, field, audience)
    if not hero.pictures.exists():
        Picture.keep(hero, *encode_picture(portrait()))


def _save_wish(hero: Member, sku: str, note: str) -> None:
    product = find_product(sku)
    if product and WishlistItem.keep(hero, product) and note:
        hero.wishlist_items.where(WishlistItem.sku == sku).get().write_note(note)


def _be_noted(hero: Member, agent: Member) -> None:
    with write_tx():
        _note, new = Note.get_or_create(member=hero, author=agent, body=NOTE)
        if new:
            hero.record("staff.noted", actor=agent)


def _come_by(hero: Member) -> None:
    """Have signed in twice: at first, and some days ago."""
    with write_tx():
        first = Member.update(joined_at=now() - JOINED, visit_at=now() - LAST_VISIT).where(
            (Member.id == hero.id) & Member.joined_at.is_null()
        )
        if first.execute():
            for ago in (JOINED, LAST_VISIT):
                with set_back(ago):
                    hero.record("sign_in.done", method="code", device="Safari on iPhone")


def _be_looked_at(hero: Member, agent: Member) -> None:
    latest = hero.orders.order_by(Order.placed_at.desc(), Order.id.desc()).first()
    Look.take(agent, hero)
    Look.take(agent, hero, latest.number)
