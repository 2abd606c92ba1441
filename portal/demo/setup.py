"""Opens the demo shop: its settings, its people at work, its exports through the real import."""

import tempfile
from datetime import UTC, date
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from portal.demo.hero import settle_in
from portal.demo.odd import look_odd
from portal.demo.people import HERO_EMAIL
from portal.demo.rows import BRUSSELS
from portal.demo.shop import write_demo_shop
from portal.imports.run import import_file
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.jobs import run_waiting
from portal.lib.text import _
from portal.members.models import EmailAddress, Member
from portal.members.models.search import index_member
from portal.members.staff import add_staff
from portal.shop.models import Setting, change_settings

AGENT = ("agent", "Ines Peeters", "ines@fernandkettle.example")
OWNER = ("owner", "Marit De Smet", "marit@fernandkettle.example")
LOADED = "demo_loaded_at"


class Door(NamedTuple):
    """Somebody to enter the demo shop as; `role` is None for the member."""

    label: str
    name: str
    email: str
    role: str | None


def load_demo(app: Flask, *, members: int = 2000, orders: int = 12_000) -> list[Door]:
    """Fill a migrated database with the demo shop, once; tells whom to enter as.

    A second call changes nothing; one that was cut off is taken up where it stopped.
    """
    with app.app_context():
        if not Setting.get_or_none(Setting.key == LOADED):
            _open_shop()
            for role, name, email in (OWNER, AGENT):
                _hire(role, name, email)
            _import(members, orders)
            settle_in(_person(HERO_EMAIL), _person(AGENT[2]))
            look_odd(_person(AGENT[2]))
            run_waiting()
            with write_tx():
                Setting.insert(key=LOADED, value=now().isoformat()).execute()
        return doors()


def doors() -> list[Door]:
    """The three people to enter as: a member with years of history, an agent, the owner."""
    labels = {"agent": _("an agent at the desk"), "owner": _("the owner")}
    hero = EmailAddress.find(HERO_EMAIL)
    name = hero.member.name if hero else HERO_EMAIL
    return [
        Door(_("a member with years of orders"), name, HERO_EMAIL, None),
        *(Door(labels[role], name, email, role) for role, name, email in (AGENT, OWNER)),
    ]


def _open_shop() -> None:
    change_settings(
        name="Fern & Kettle",
        accent="#2f7d5b",
        contact="hello@fernandkettle.example",
        timezone="Europe/Brussels",
        currency="EUR",
        return_days=30,
        points_per_unit=1,
        point_worth=1,
        points_since=f"{_today().year - 2}-01-01",
        product_link="https://fernandkettle.example/products/{sku}",
        installed_at=now().isoformat(),
    )


def _hire(role: str, name: str, email: str) -> None:
    with write_tx():
        add_staff(email, role)
        member = _person(email)
        Member.update(name=name).where(Member.id == member.id).execute()
        index_member(Member.get_by_id(member.id))


def _import(members: int, orders: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = write_demo_shop(Path(folder), _today(), members=members, orders=orders)
        for path in shop.files:
            import_file(path)


def _today() -> date:
    """The day in Ghent: nothing may be sold before it happened."""
    return now().replace(tzinfo=UTC).astimezone(BRUSSELS).date()


def _person(email: str) -> Member:
    found = EmailAddress.find(email)
    if found is None:
        raise LookupError(f"the demo shop has nobody with the address {email}")
    return found.member
