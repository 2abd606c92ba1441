"""Finding members while typing: every word that may be searched is a row, found by its start."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from peewee import CharField, CompositeKey, ForeignKeyField

from portal.lib.db import Base, write_tx
from portal.members.models.contact import EmailAddress, PhoneNumber
from portal.members.models.member import Member

LONGEST = 48
_PLAIN_WORD = re.compile("[a-z0-9]+")


class SearchTerm(Base):
    """A folded word of a member: of the name, an address, a phone or order number."""

    term = CharField(max_length=LONGEST)
    member = ForeignKeyField(Member, backref="terms", on_delete="CASCADE", index=False)

    class Meta:
        primary_key = CompositeKey("term", "member")
        indexes = ((("member", "term"), False),)  # the second word typed is looked up by it


def fold(text: str) -> str:
    """Case, accents and compatibility forms gone: `Élodie` is `elodie`."""
    if text.isascii():  # an import folds millions of them
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of a text, cut at everything that is no letter or digit."""
    folded = fold(text)
    if folded.isascii():
        return _PLAIN_WORD.findall(folded)
    return "".join(c if c.isalnum() else " " for c in folded).split()


def terms_for_name(name: str) -> set[str]:
    """Search terms of a person's name."""
    return {word[:LONGEST] for word in words(name)}


def terms_for_email(address: str) -> set[str]:
    """The whole address, and the words of its local part and domain."""
    whole = fold(address.strip())
    return {whole[:LONGEST]} | {word[:LONGEST] for word in words(whole)}


def terms_for_phone(folded: str) -> set[str]:
    """All digits, and the number without its country code (its last eight to ten digits)."""
    return {folded[:LONGEST], *(folded[-tail:] for tail in (8, 9, 10))} if folded else set()


def terms_for_number(number: str) -> set[str]:
    """A member or order number with everything but letters and digits gone."""
    return {"".join(words(number))[:LONGEST]} - {""}


def add_terms(pairs: Iterable[tuple[int, str]]) -> None:
    """Add (member id, term) pairs in bulk; known ones stay."""
    rows = [{"member": member, "term": term} for member, term in pairs]
    with write_tx():
        for start in range(0, len(rows), 500):
            batch = rows[start : start + 500]
            SearchTerm.insert_many(batch).on_conflict_ignore().execute()


def index_member(member: Member) -> None:
    """Bring a member's own terms up to date (name, number, addresses, phones)."""
    terms = terms_for_name(member.name) | terms_for_number(member.number)
    for email in EmailAddress.select().where(EmailAddress.member == member):
        terms |= terms_for_email(email.address)
    for phone in PhoneNumber.select().where(PhoneNumber.member == member):
        terms |= terms_for_phone(phone.folded)
    add_terms((member.id, term) for term in terms)


def find_members(text: str, limit: int = 12) -> Sequence[int]:
    """Ids of members with a term that begins with each word typed; index ranges only, no scan.

    The longest word leads; the others are checked by key for each of its first candidates.
    """
    return _find(_typed(text), limit) or _find(_number_without_digits(text), limit)


def _find(typed: list[str], limit: int) -> Sequence[int]:
    if not typed:
        return []
    typed.sort(key=len, reverse=True)
    query = SearchTerm.select(SearchTerm.member).where(_begins(SearchTerm, typed[0]))
    for word in typed[1:]:
        other = SearchTerm.alias()
        also = other.select(other.member).where(
            (other.member == SearchTerm.member) & _begins(other, word)
        )
        query = query.where(SearchTerm.member.in_(also))
    found: dict[int, None] = {}
    rows: list[Any] = list(query.limit(limit * 4).tuples())
    for row in rows:
        found[row[0]] = None
        if len(found) == limit:
            break
    return list(found)


def _typed(text: str) -> list[str]:
    text = text.strip()[:200]
    if "@" in text:
        return [fold(part)[:LONGEST] for part in text.split()]
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 7 and not any(c.isalpha() for c in text):
        return [digits.removeprefix("00").removeprefix("0")[:LONGEST]]
    numbers = [part for part in text.split() if "-" in part and any(c.isdigit() for c in part)]
    if numbers and len(text.split()) == 1:
        return ["".join(words(text))[:LONGEST]]
    return [word[:LONGEST] for word in words(text)]


def _number_without_digits(text: str) -> list[str]:
    """`ABCD-E` may be a name in two parts or the beginning of a member number: first the name."""
    parts = text.split()
    return ["".join(words(text))[:LONGEST]] if len(parts) == 1 and "-" in parts[0] else []


def _begins(model: Any, word: str) -> Any:
    return (model.term >= word) & (model.term < word + "\U0010ffff")
