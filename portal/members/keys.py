"""What opens an account, whoever keeps it; the last of it can't be taken away.

A domain registers what it knows of as a `Source`; `ensure_another` is what everybody asks before
something goes. For members any one key is enough; for staff it is a passkey, or any other key
together with a second step that they can take. Recovery codes are no key: they stand in for one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import EmailAddress, Member, Passkey
from portal.members.models.contact import BY_MERGE, GIVEN_UP

PASSKEY, CODE = "passkey", "code"


class LastWayIn(Refused):
    """Without this the account could not be opened any more."""


@dataclass(frozen=True)
class Key:
    """One thing that opens an account, or a second step: its kind, its row, what it is called."""

    kind: str
    id: int
    name: str = ""


NOTHING = Key("", 0)
Source = Callable[[Member], list[Key]]
#: The same for everybody: a query of members' ids, as if the ways with these names had ended.
Everybody = Callable[[frozenset[str]], Any]
_keys: dict[str, tuple[int, Source, Everybody]] = {}
_steps: dict[str, Source] = {}


def add_source(kind: str, rank: int, source: Source, everybody: Everybody) -> None:
    """Let what a domain keeps count as a way in, while the shop has it switched on."""
    _keys[kind] = (rank, source, everybody)


def add_steps(domain: str, source: Source) -> None:
    """Likewise for what is asked second (two-step verification)."""
    _steps[domain] = source


def of(member: Member) -> list[Key]:
    """Everything that opens an account now, the most usual first."""
    sources = sorted(_keys.values(), key=lambda ranked: ranked[0])
    return [key for _rank, source, _everybody in sources for key in source(member)]


def everybody(but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """For each kind of key whose accounts it opens, were the ways in `but` ended (see ended.py)."""
    return {kind: ids(but) for kind, (_rank, _source, ids) in _keys.items()}


def steps(member: Member) -> list[Key]:
    """What a member has switched on to be asked second; none where one proof is enough."""
    return [step for source in _steps.values() for step in source(member)]


def ensure_another(member: Member, kind: str, id_: int) -> None:
    """Raise LastWayIn where nobody could come in without this key or second step.

    Runs in the transaction of its removal, and holds the member's row: of two that are taken away
    at once the later one sees that the other is gone.
    """
    with write_tx():
        member.touch()
        person: Member = Member.get_by_id(member.id)
        if not _can_enter(person, Key(kind, id_)):
            raise LastWayIn(_("This is your last way in. Make a passkey first; then take it away."))


def can_enter(member: Member) -> bool:
    """Whether an account can be opened: for staff, with as much as they have to show."""
    return _can_enter(member, NOTHING)


def _can_enter(member: Member, without: Key) -> bool:
    def stays(key: Key) -> bool:
        return (key.kind, key.id) != (without.kind, without.id)

    left = [key for key in of(member) if stays(key)]
    if not member.is_staff or any(key.kind == PASSKEY for key in left):
        return bool(left)
    return bool(left) and any(stays(step) for step in steps(member))


def _passkeys(member: Member) -> list[Key]:
    mine = Passkey.select().where(Passkey.member == member.id).order_by(Passkey.id)
    return [Key(PASSKEY, passkey.id, passkey.label) for passkey in mine]


def _addresses(member: Member) -> list[Key]:
    mine = EmailAddress.select().where(EmailAddress.member == member.id).order_by(EmailAddress.id)
    return [Key(CODE, email.id, email.address) for email in mine if email.opens]


def _with_passkeys(_but: frozenset[str]) -> Any:
    return Passkey.select(Passkey.member)


def with_addresses(_but: frozenset[str] = frozenset()) -> Any:
    """The ids of everybody whose account a mailed code opens."""
    proved = EmailAddress.verified_at.is_null(False)
    return EmailAddress.select(EmailAddress.member).where(
        EmailAddress.source.not_in(GIVEN_UP) & ((EmailAddress.source != BY_MERGE) | proved)
    )


add_source(PASSKEY, 10, _passkeys, _with_passkeys)
add_source(CODE, 20, _addresses, with_addresses)
