"""What ways back do when another domain says so: whose their links are."""

from portal.lib.tokens import digest
from portal.members.incidents import Known, add_finder
from portal.members.models import AddressChange, Recovery


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
