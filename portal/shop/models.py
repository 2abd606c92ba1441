"""The shop's settings: a few rows, read often, so each process keeps them for two seconds."""

import time
from dataclasses import dataclass, fields, replace
from datetime import datetime

from peewee import BlobField, CharField, DateTimeField, IntegerField, JSONField

from portal.lib.clock import now
from portal.lib.db import Base, after, write_tx

_KEPT_FOR = 2.0  # seconds: another process sees a change after at most this long


@dataclass(frozen=True)
class Settings:
    """What the owner can set on the settings page."""

    name: str = "Your shop"
    accent: str = "#1f7a4d"
    contact: str = ""
    timezone: str = "UTC"
    currency: str = "EUR"
    return_days: int = 14
    points_per_unit: int = 0  # points for one whole unit of currency; 0 = no programme
    point_worth: int = 1  # minor units of the shop's currency that one point is worth
    points_since: str = ""  # ISO date; orders before it earn nothing
    product_link: str = ""  # https://shop.example/products/{sku}
    logo_digest: str = ""
    installed_at: str = ""
    sign_up: bool = True  # anybody may join; otherwise those whom the shop knows or invites
    claim_by_email: bool = True  # an imported person enters by proving the address of their orders
    join_steps: str = "location,interests"  # what new members are asked, parted by commas
    interests: str = ""  # to choose from, parted by commas
    bounces_trouble: str = ""  # since when the mailbox of BOUNCES_URL can't be read, and why
    inviting: str = ""  # who has everybody invited, and how far it is: `<member id>:<member id>`
    passwords: bool = False  # members may set one
    security_questions: bool = False  # an extra proof inside a recovery
    phone_sign_in: bool = False  # members may join and sign in by a code to their number
    card_code: str = "qr"  # what a member card shows to a scanner: qr or code128
    ways_ended: str = ""  # which ways in people are told of, and up to whom: `<way>:<member id>,…`
    password_reminder: bool = False  # a mail once a year, which says how old it is

    @property
    def has_points(self) -> bool:
        """Whether the shop runs a points programme."""
        return self.points_per_unit > 0


class Setting(Base):
    """One setting by name."""

    key = CharField(max_length=40, primary_key=True)
    value = JSONField()


class SelfCheck(Base):
    """What the nightly check of the data found; `problems` are sentences, none when all is well."""

    at = DateTimeField(default=now, index=True)
    seconds = IntegerField(default=0)
    problems = JSONField(default=list)


class Logo(Base):
    """The shop's logo, re-encoded as WebP; at most one row."""

    digest = CharField(max_length=40, unique=True)
    webp = BlobField()
    created_at = DateTimeField(default=now)


_kept: tuple[float, Settings] | None = None


def settings() -> Settings:
    """The shop's settings, at most two seconds old."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > _KEPT_FOR:
        known = {field.name for field in fields(Settings)}
        stored = {row.key: row.value for row in Setting.select() if row.key in known}
        _kept = (time.monotonic(), replace(Settings(), **stored))
    return _kept[1]


def change_settings(**values: object) -> None:
    """Store settings by name; an unknown name is a TypeError."""
    replace(Settings(), **values)  # type: ignore[arg-type]
    with write_tx():
        for key, value in values.items():
            Setting.insert(key=key, value=value).on_conflict(
                conflict_target=[Setting.key], update={Setting.value: value}
            ).execute()
        after(forget)
    forget()


def forget() -> None:
    """Read the settings anew at the next use (after a change, between tests)."""
    global _kept
    _kept = None


def points_since() -> datetime | None:
    """The first moment of the points programme, or None when every order counts."""
    text = settings().points_since
    return datetime.fromisoformat(text) if text else None
