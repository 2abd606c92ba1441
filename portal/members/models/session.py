"""A session: one browser that is signed in, kept as a row so that it can be ended from anywhere."""

from datetime import datetime, timedelta
from typing import Any

from peewee import (
    SQL,
    Case,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    fn,
)

from portal.lib.clock import now
from portal.lib.db import Base, Compiled, write_soon, write_tx
from portal.lib.tokens import digest, new_token
from portal.members.models.member import Member
from portal.members.models.proof import Recovery, Restriction

IDLE = {None: timedelta(days=30), "agent": timedelta(hours=12), "owner": timedelta(hours=12)}
ABSOLUTE = {None: timedelta(days=180), "agent": timedelta(days=7), "owner": timedelta(days=7)}
TOUCH = timedelta(minutes=5)  # last seen is written at most this often
FRESH = timedelta(minutes=10)  # how long a proof lets the ways in be changed
VISIT = timedelta(minutes=30)  # a pause this long starts a new visit


class Session(Base):
    """A signed-in browser; only the token's hash is stored."""

    member = ForeignKeyField(Member, backref="sessions", on_delete="CASCADE")
    token_hash = CharField(max_length=64, unique=True)
    device = CharField(max_length=120)
    name = CharField(max_length=80, default="")  # what the member calls the device
    place = CharField(max_length=120, default="")  # coarse, where the shop has a database of places
    browser_hash = CharField(max_length=64, default="")  # of the cookie that knows a browser again
    method = CharField(max_length=10)  # passkey, code, link, demo
    passkey_id = IntegerField(null=True, index=True)  # the passkey that opened it, to end with it
    created_at = DateTimeField(default=now, index=True)
    seen_at = DateTimeField(default=now)
    proved_at = DateTimeField(default=now)  # the last fresh proof of who it is
    ended_at = DateTimeField(null=True)

    @classmethod
    def start(
        cls,
        member: Member,
        *,
        device: str,
        method: str,
        passkey_id: int | None = None,
        name: str = "",
        place: str = "",
        browser_hash: str = "",
    ) -> str:
        """Sign a browser in; returns the token that its cookie carries."""
        token = new_token()
        with write_tx():
            cls.create(
                member=member,
                token_hash=digest(token),
                device=device,
                method=method,
                passkey_id=passkey_id,
                name=name,
                place=place,
                browser_hash=browser_hash,
            )
        return token

    @classmethod
    def renew(cls, session_id: int) -> str | None:
        """A new token for a session that goes on; the old one is dead. None once it has ended."""
        token = new_token()
        with write_tx():
            renewed = cls.update(token_hash=digest(token)).where(
                (cls.id == session_id) & cls.ended_at.is_null()
            )
            return token if renewed.execute() else None

    @classmethod
    def called(cls, member: Member, browser_hash: str) -> str:
        """What a member called this browser when it was here last, or ""."""
        mine = (cls.member == member) & (cls.browser_hash == browser_hash)
        last = cls.select(cls.name).where(mine).order_by(cls.id.desc()).first()
        return last.name if last and browser_hash else ""

    @property
    def shown(self) -> str:
        """The member's name for the device, or what the browser says it is."""
        return self.name or self.device

    def rename(self, name: str) -> None:
        """Call the device something else; "" gives it back its own name."""
        with write_tx():
            Session.update(name=name).where(Session.id == self.id).execute()

    @classmethod
    def live(cls, member: Member) -> "ModelSelect[Session]":
        """The sessions of a member that still work, the one used last first."""
        moment = now()
        return (
            cls.select()
            .where(
                (cls.member == member)
                & cls.ended_at.is_null()
                & (cls.seen_at > moment - IDLE[member.role])
                & (cls.created_at > moment - ABSOLUTE[member.role])
            )
            .order_by(cls.seen_at.desc(), cls.id.desc())
        )

    @classmethod
    def end_all(cls, member: Member, *, but: int | None = None) -> int:
        """End every session of a member, or all others; returns how many ended."""
        with write_tx():
            return (
                cls.update(ended_at=now())
                .where(
                    (cls.member == member)
                    & cls.ended_at.is_null()
                    & (cls.id != (but if but is not None else -1))
                )
                .execute()
            )

    @classmethod
    def end_opened_by(cls, passkey_id: int, *, but: int) -> None:
        """End what a passkey had opened, except the session that asks."""
        with write_tx():
            cls.update(ended_at=now()).where(
                (cls.passkey_id == passkey_id) & cls.ended_at.is_null() & (cls.id != but)
            ).execute()

    def end(self) -> bool:
        """End this session; False when it had ended already."""
        with write_tx():
            ended = Session.update(ended_at=now()).where(
                (Session.id == self.id) & Session.ended_at.is_null()
            )
            return bool(ended.execute())


class SignedIn:
    """The signed-in person and their session, read with one statement at each request."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, row: object, token: str) -> None:
        self.row = row
        self.token = token
        self.session_id: int = row.session_id  # type: ignore[attr-defined]
        self.proved_at = row.proved_at  # type: ignore[attr-defined]
        self.device: str = row.device  # type: ignore[attr-defined]
        self.recovering = bool(row.recovering)  # type: ignore[attr-defined]
        self.restricted = bool(row.standing)  # type: ignore[attr-defined]
        fields = {field: getattr(row, field) for field in _MEMBER}
        self.member = Member(**fields)
        self.member._dirty.clear()  # type: ignore[attr-defined]

    @property
    def fresh(self) -> bool:
        """Whether the person proved who they are just now."""
        return abs(now() - self.proved_at) <= FRESH

    def get_id(self) -> str:
        """What flask-login keeps in the browser's cookie."""
        return self.token


_MEMBER = (
    "id", "number", "name", "username", "role", "source", "version",
    "created_at", "joined_at", "visit_at", "last_visit_at", "nudge_after",
    "merges", "frozen_at", "closing_at",
)  # fmt: skip

_RECOVERING = Recovery.select(SQL("1")).where(
    (Recovery.member == Member.id) & Recovery.state.in_(("waiting", "ready"))
)

SUSPENDED = 2
_STANDING = fn.MAX(Case(Restriction.kind, (("suspend", SUSPENDED),), 1))  # 1: less than that


def _in_force(moment: Any) -> Any:
    """The worst of what staff decided about the member that holds at a moment."""
    return Restriction.select(_STANDING).where(
        (Restriction.member == Member.id) & Restriction.holding_at(moment)
    )


_BY_TOKEN = Compiled(
    lambda p: (
        Session.select(
            Session.id.alias("session_id"),
            Session.created_at.alias("started_at"),
            Session.seen_at,
            Session.proved_at,
            Session.device,
            fn.EXISTS(_RECOVERING).alias("recovering"),
            _in_force(p("moment")).alias("standing"),
            *(getattr(Member, name) for name in _MEMBER),
        )
        .join(Member)
        .where((Session.token_hash == p("token")) & Session.ended_at.is_null())
    )
)


def signed_in(token: str) -> SignedIn | None:
    """Who this cookie's token belongs to, or None when it is unknown, ended, idle or too old.

    Nor does it belong to anybody whose account is suspended.
    """
    moment = now()
    row = _BY_TOKEN.first(token=digest(token), moment=moment)
    if row is None or row.standing == SUSPENDED:
        return None
    # A clock that was set back must not lengthen a session, so both directions count.
    idle, age = abs(moment - row.seen_at), abs(moment - row.started_at)
    if idle > IDLE[row.role] or age > ABSOLUTE[row.role]:
        return None
    if idle > TOUCH:
        _seen(row, moment, idle > VISIT)
    return SignedIn(row, token)


def _seen(row: Any, moment: datetime, new_visit: bool) -> None:
    """Note the visit; when others are writing, the next request does it, and this page comes."""

    def note() -> None:
        Session.update(seen_at=moment).where(Session.id == row.session_id).execute()
        if new_visit:
            Member.update(last_visit_at=Member.visit_at, visit_at=moment).where(
                Member.id == row.id
            ).execute()

    write_soon(note)
