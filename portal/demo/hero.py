"""What makes one account worth entering: points spent, things saved, a look by the shop."""

from portal.lib.db import write_tx
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.orders.models import Order
from portal.staff.models import Look, Note
from portal.wishlist.listing import find_product
from portal.wishlist.models import WishlistItem

GOODWILL = "The lid of your canister arrived chipped. With our apologies."
NOTE = "Asked by telephone for the rust glaze only. Saturdays are best for a call back."
WISHES = {
    "FK-OBE-100": "",
    "FK-BOW-MOS": "With the whisk, for Mam's birthday",
    "FK-MCH": "",
    "FK-ADV-24": "",
    "FK-IRO": "Once the old one gives up",
}


def settle_in(hero: Member, agent: Member) -> None:
    """Let the hero use the shop through the same verbs as everybody; again, it adds nothing."""
    _save_wishes(hero)
    adjust(hero, 150, GOODWILL, by=agent, key="demo-chipped-lid")
    if hero.points_accounts.get().balance >= 500:
        redeem(hero, 500, "demo-first-voucher")
    _be_looked_at(hero, agent)


def _save_wishes(hero: Member) -> None:
    for sku, note in WISHES.items():
        product = find_product(sku)
        if product and WishlistItem.keep(hero, product) and note:
            hero.wishlist_items.where(WishlistItem.sku == sku).get().write_note(note)


def _be_looked_at(hero: Member, agent: Member) -> None:
    latest = hero.orders.order_by(Order.placed_at.desc(), Order.id.desc()).first()
    Look.take(agent, hero)
    Look.take(agent, hero, latest.number)
    with write_tx():
        _note, new = Note.get_or_create(member=hero, author=agent, body=NOTE)
        if new:
            hero.record("staff.noted", actor=agent)
