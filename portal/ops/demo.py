"""Make the demo shop's database once, whole or not at all, and tell whom to enter as."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from portal.config import Config
from portal.demo.setup import doors, load_demo
from portal.lib.db import db
from portal.ops.migrate import migrate


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
        with app.app_context():
            migrate()
            load_demo(app, members=members, orders=orders)
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        draft.rename(place)
    finally:
        for leftover in place.parent.glob(f"{draft.name}*"):
            leftover.unlink()
    say(f"Made in {time.monotonic() - began:.0f} s: {members:,} members, {orders:,} orders.")


def who_to_be() -> list[str]:
    """The lines that tell whom to enter as; the sign-in page has a button for each."""
    people = doors()
    width = max(len(door.name) for door in people)
    return [
        "Enter as one of three people, with a button on the sign-in page:",
        *(f"  {door.name:<{width}}  {door.label}" for door in people),
    ]
