"""Limits in the database: how often something may be asked, across processes and restarts."""

import time
from typing import NamedTuple

from peewee import CharField, CompositeKey, IntegerField

from portal.lib.db import Base, write_tx
from portal.lib.tokens import keyed


class Limit(NamedTuple):
    """`times` in `seconds`, for each key."""

    times: int
    seconds: int


LIMITS = {
    "code.ask.address": Limit(5, 900),  # codes mailed to one address
    "code.ask.client": Limit(20, 900),  # codes asked from one network address
    "code.try.client": Limit(40, 900),  # codes typed from one network address
    "passkey.try.client": Limit(60, 900),
    "link.try.client": Limit(30, 900),
    "provider.begin.client": Limit(40, 900),  # sign-ins with another service begun
    "provider.back.client": Limit(60, 900),  # answers of other services
    "password.try.client": Limit(40, 900),
    "password.try.account": Limit(10, 900),  # passwords typed for one address, known or not
    "password.try.all": Limit(600, 60),  # each takes a tenth of a second of a processor
    "password.judge": Limit(400, 900),  # judged while a member types
    "codes.make": Limit(10, 3600),
    "second.send.client": Limit(20, 900),
    "second.send.member": Limit(5, 900),  # codes sent as the second proof of one account
    "sms.ask.member": Limit(5, 3600),
    "sms.ask.number": Limit(5, 3600),  # text messages to one number that is to be proved
    "sms.all": Limit(500, 86400),  # each costs the shop money
    "second.try.client": Limit(40, 900),
    "second.try.member": Limit(20, 3600),  # second proofs typed for one account
    "recover.ask.address": Limit(3, 86400),  # slow ways back asked for one address
    "address.change": Limit(5, 3600),  # new addresses typed by one member
    "join.ask.address": Limit(5, 3600),  # mails to join that go to one address
    "join.ask.client": Limit(20, 900),  # the same, asked from one network address
    "order.ask.client": Limit(20, 900),  # links to one order asked from one network address
    "order.ask.address": Limit(5, 900),  # links to one order mailed to one address
    "order.find.client": Limit(10, 3600),  # orders looked for by three facts, without a mail
    "order.find.order": Limit(10, 86400),  # of them for one number of an order
    "order.find.all": Limit(300, 3600),
    "claim.try.client": Limit(30, 3600),  # orders claimed, rightly or wrongly
    "claim.try.member": Limit(10, 3600),
    "claim.try.order": Limit(20, 86400),  # for one number of an order
    "search": Limit(300, 60),  # an agent's searches
    "wishlist.add": Limit(120, 3600),
    "points.redeem": Limit(20, 3600),
    "picture": Limit(20, 3600),
    "incident.client": Limit(200, 3600),  # refusals of one network address that are written down
    "incident.once": Limit(1, 86400),  # the same thing, refused again
}


class Throttle(Base):
    """How often a key was used in the window that began at a Unix time; keys are hashed."""

    key = CharField(max_length=64)
    window = IntegerField(index=True)
    count = IntegerField(default=0)

    class Meta:
        primary_key = CompositeKey("key", "window")


def within(purpose: str, key: str) -> bool:
    """Count one use and say whether it is still within LIMITS[purpose]."""
    return count(purpose, key) <= LIMITS[purpose].times


def count(purpose: str, key: str) -> int:
    """Count one use; how many there were in this window of LIMITS[purpose], this one included."""
    limit = LIMITS[purpose]
    window = int(time.time()) // limit.seconds * limit.seconds
    with write_tx():
        used = (
            Throttle.insert(key=keyed("throttle", f"{purpose}:{key}"), window=window, count=1)
            .on_conflict(
                conflict_target=[Throttle.key, Throttle.window],
                update={Throttle.count: Throttle.count + 1},
            )
            .returning(Throttle.count)
            .execute()
        )
        return int(next(iter(used)).count)


def retry_after(purpose: str) -> int:
    """Seconds until the current window of a purpose ends."""
    seconds = LIMITS[purpose].seconds
    return seconds - int(time.time()) % seconds


def forget_old() -> None:
    """Delete counters that no limit can reach any more."""
    longest = max(limit.seconds for limit in LIMITS.values())
    with write_tx():
        Throttle.delete().where(Throttle.window < int(time.time()) - 2 * longest).execute()
