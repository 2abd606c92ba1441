"""What ways back do when another domain asks: freeze after "this was not me", know their links."""

from portal.lib.tokens import digest
from portal.members.events import not_me
from portal.members.incidents import Known, add_finder
from portal.members.models import AddressChange, Member, Recovery
from portal.recovery.freezing import freeze


@not_me.connect
def on_not_me(_sender: object, member: Member, about: str) -> None:
    """The same as the link in a mail does, in the transaction of the answer."""
    freeze(member, about)


def _recovery(token: str) -> Known | None:
    hashed = digest(token)
    found = Recovery.get_or_none((Recovery.token_hash == hashed) | (Recovery.cancel_hash == hashed))
    return Known(found.member) if found else None


def _address(token: str) -> Known | None:
    hashed = digest(token)
    found = AddressChange.get_or_none(
        (AddressChange.new_hash == hashed) | (AddressChange.back_hash == hashed)
    )
    return Known(found.member) if found else None


add_finder(_recovery)
add_finder(_address)
