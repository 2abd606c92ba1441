"""An agent looks for people among 100,000 members, at a steady pace: p95 of each way to look."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from flask import Flask
from load import Target
from pages import ask, cookie
from purchases import asked, p95, served
from seed import multiply

from portal import create_app
from portal.config import Config, read_config
from portal.lib.db import db, write_tx
from portal.members.models import EmailAddress, Member
from portal.ops.demo import make_demo_shop
from portal.ops.serve import let_go_of_database
from portal.orders.models import Order
from portal.shop.models import forget

MEMBERS, TIMES, SECONDS = 200, 500, 5.0


def search_speed() -> dict[str, float]:
    """Milliseconds that 95 of 100 answers stay below, by what is looked for; 20 a second."""
    with tempfile.TemporaryDirectory(prefix="regulars-search-") as folder:
        config = read_config(demo=True, instance=folder, base_url="http://localhost:8000")
        make_demo_shop(config, say=lambda _line: None, members=MEMBERS, orders=MEMBERS)
        small = Path(config.database_url.removeprefix("sqlite:///"))
        multiply(small, small.with_name("big.sqlite3"), TIMES)
        config = replace(config, database_url=f"sqlite:///{small.with_name('big.sqlite3')}")
        wanted = _wanted(config)
        found: dict[str, float] = {}
        with served(config) as (port, _environment):
            for name, (text, headers) in wanted.items():
                target = Target(name, port, os.getpid(), f"/staff/search?q={text}", headers)
                asked(target, lambda past: past < 1)
                found[name] = p95(asked(target, lambda past: past < SECONDS))
    return found


def _wanted(config: Config) -> dict[str, tuple[str, dict[str, str]]]:
    """By name, a text to look for and the headers of an agent's browser.

    Each has an agent of its own: nobody may search more than five times a second for long.
    """
    forget()
    app = create_app(config)
    with app.app_context():
        db.connect(reuse_if_open=True)
        last = EmailAddress.select().order_by(EmailAddress.id.desc()).get()
        order = Order.select().order_by(Order.id.desc()).get()
        texts = {
            "two letters": "lo",
            "a first name": "lotte",
            "first and last name": "lotte%20pe",
            "an address": last.address.replace("@", "%40"),
            "a member number": last.member.number,
            "an order number": order.number,
            "nobody": "zzzzzz",
        }
        wanted = {name: (text, _agent(app)) for name, text in texts.items()}
        db.close()
    let_go_of_database()
    return wanted


def _agent(app: Flask) -> dict[str, str]:
    agent = Member.make(name="Robin", source="sign-up")
    with write_tx():
        Member.update(role="agent").where(Member.id == agent.id).execute()
    session = cookie(app, Member.get_by_id(agent.id))
    first = ask(app, "/", {"Cookie": f"session={session}"})
    kept = first.headers.get("Set-Cookie", f"session={session}").partition(";")[0]
    return {"Cookie": kept, "HX-Request": "true"}


if __name__ == "__main__":
    for _name, _value in search_speed().items():
        print(f"{_name:24}{_value:8.1f} ms")
