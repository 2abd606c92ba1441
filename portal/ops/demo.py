"""The demo shop: a tea shop's exports, brought in by the real import, and two who work there."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from portal.config import Config
from portal.demo.people import HERO_EMAIL
from portal.demo.shop import write_demo_shop
from portal.imports.run import import_file
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.jobs import run_waiting
from portal.members.models import EmailAddress, Member
from portal.members.models.search import index_member
from portal.members.staff import add_staff
from portal.ops.migrate import migrate
from portal.shop.models import change_settings

STAFF = (
    ("owner", "Nora De Smet", "nora@fernandkettle.example"),
    ("agent", "Imre Claes", "imre@fernandkettle.example"),
)


def make_demo_shop(
    config: Config, *, say: Callable[[str], object], members: int = 2000, orders: int = 12_000
) -> None:
    """Make instance/demo.sqlite3 unless it is there; it appears only when it is whole."""
    from portal import create_app

    place = Path(config.database_url.removeprefix("sqlite:///"))
    if place.exists():
        return
    began = time.monotonic()
    say("Making the demo shop, once …")
    draft = place.with_name(f"{place.name}.{os.getpid()}.new")
    app = create_app(replace(config, database_url=f"sqlite:///{draft}"))
    try:
        with app.app_context(), tempfile.TemporaryDirectory() as folder:
            _fill(Path(folder), members, orders)
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        draft.rename(place)
    finally:
        for leftover in place.parent.glob(f"{draft.name}*"):
            leftover.unlink()
    say(f"Made in {time.monotonic() - began:.0f} s: {members:,} members, {orders:,} orders.")


def _fill(folder: Path, members: int, orders: int) -> None:
    migrate()
    change_settings(
        name="Fern & Kettle",
        contact="hello@fernandkettle.example",
        timezone="Europe/Brussels",
        currency="EUR",
        return_days=30,
        points_per_unit=5,
        point_worth=1,
        points_since=f"{now() - timedelta(days=730):%Y-%m-01}",
        product_link="https://fernandkettle.example/products/{sku}",
        installed_at=now().isoformat(),
    )
    for role, name, email in STAFF:
        _hire(role, name, email)
    written = write_demo_shop(folder, now().date(), members=members, orders=orders)
    for path in written.files:
        import_file(path)
    run_waiting()


def _hire(role: str, name: str, email: str) -> None:
    with write_tx():
        add_staff(email, role)
        member = EmailAddress.find(email).member  # type: ignore[union-attr]
        Member.update(name=name).where(Member.id == member.id).execute()
        index_member(Member.get_by_id(member.id))


def who_to_be() -> list[str]:
    """The lines that tell whom to enter as; the sign-in page has a button for each."""
    hero = EmailAddress.find(HERO_EMAIL)
    people = [(hero.member.name if hero else HERO_EMAIL, "a member with years of orders")]
    people += [(name, f"the shop's {role}") for role, name, _email in reversed(STAFF)]
    width = max(len(name) for name, _what in people)
    return [
        "Enter as one of three people, with a button on the sign-in page:",
        *(f"  {name:<{width}}  {what}" for name, what in people),
    ]
