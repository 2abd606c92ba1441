"""The numbers of merged people: both name the one kept, who is found by either."""

from portal.lib.db import write_tx
from portal.members.models import Member, PhoneNumber, SearchTerm
from portal.members.models.search import (
    add_terms,
    index_member,
    terms_for_name,
    terms_for_number,
    terms_for_phone,
)


def refresh(*members: Member) -> None:
    """Bring in line what hangs on who is merged into whom: counts, versions and search words."""
    for member in members:
        count = Member.select().where(Member.merged_into == member).count()
        with write_tx():
            Member.update(merges=count, version=Member.version + 1).where(
                Member.id == member.id
            ).execute()
            _reindex(Member.get_by_id(member.id))


def _reindex(member: Member) -> None:
    """What agents find a member by: their own words, and those of everybody merged into them."""
    SearchTerm.delete().where(SearchTerm.member == member).execute()
    if member.merged_into_id:
        return
    index_member(member)
    others = list(Member.select().where(Member.merged_into == member))
    terms: set[str] = set()
    for other in others:
        terms |= terms_for_number(other.number) | terms_for_name(other.name)
    for phone in PhoneNumber.select().where(PhoneNumber.member.in_(others)):
        terms |= terms_for_phone(phone.folded)
    add_terms((member.id, term) for term in terms)
