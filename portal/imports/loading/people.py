"""Who is who: people match by customer id, then e-mail, then phone where neither has an e-mail.

Never by name. Import makes people, not sign-ins: an address comes in unverified, and somebody who
has joined, or works for the shop, gets no further address from a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.imports.loading.bulk import lookup
from portal.imports.loading.work import Work
from portal.lib.tokens import new_number
from portal.members.models import (
    CustomerId,
    EmailAddress,
    Member,
    PhoneNumber,
    fold_email,
    fold_phone,
)
from portal.members.models.search import (
    terms_for_email,
    terms_for_name,
    terms_for_number,
    terms_for_phone,
)


@dataclass(slots=True)
class Contact:
    """How a record names a person."""

    email: str = ""
    phone: str = ""
    name: str = ""
    customer_id: str = ""
    number: str = ""  # a member number of ours: it names the member before all else

    @property
    def reachable(self) -> bool:
        """Whether there is anything to match by."""
        return bool(self.customer_id or self.email or self.number or fold_phone(self.phone))


class People:
    """The people of one chunk: those who are known, and those who are made."""

    def __init__(self, work: Work, contacts: Sequence[Contact]) -> None:
        self.work = work
        self.by_number: dict[str, int] = {}
        self.by_id: dict[str, int] = {}
        self.by_email: dict[str, int] = {}
        self.by_phone: dict[str, int] = {}  # only of people without an e-mail address
        self.has_phone: set[tuple[str, int]] = set()
        self.names: dict[int, str] = {}
        self.joined: set[int] = set()
        self.members: list[tuple[object, ...]] = []
        self.emails: list[tuple[Any, ...]] = []
        self.phones: list[tuple[object, ...]] = []
        self.customer_ids: list[tuple[Any, ...]] = []
        self.renamed: dict[int, str] = {}
        self.withdrawn: set[int] = set()  # their import was undone; a file names them again
        self.returning: list[tuple[object, ...]] = []
        self._meet(contacts)
        self.fresh = work.writer.ids(Member, self._unknown(contacts))

    def _meet(self, contacts: Sequence[Contact]) -> None:
        ids = {c.customer_id for c in contacts if c.customer_id}
        emails = {fold_email(c.email) for c in contacts if c.email}
        phones = {fold_phone(c.phone) for c in contacts if c.phone} - {""}
        numbers = {c.number for c in contacts if c.number}
        own = ("number", "id", "merged_into", "withdrawn_at")
        for number, id_, kept, withdrawn_at in lookup(Member, own, "number", numbers):
            self.by_number[number] = kept or id_
            if withdrawn_at:
                self.withdrawn.add(id_)
        names = ("external_id", "member")
        self.by_id.update(lookup(CustomerId, names, "external_id", ids, shop=self.work.shop))
        self.by_email.update(lookup(EmailAddress, ("folded", "member"), "folded", emails))
        self.has_phone.update(lookup(PhoneNumber, ("folded", "member"), "folded", phones))
        wanted = {fold_phone(c.phone) for c in contacts if c.phone and not c.email}
        owners = {member for folded, member in self.has_phone if folded in wanted}
        mailed = {row[0] for row in lookup(EmailAddress, ("member",), "member", owners)}
        # Who came by a number proved the number, not what others ordered with it: they claim.
        came = {id_ for id_, at in lookup(Member, ("id", "joined_at"), "id", owners) if at}
        for folded, member in sorted(self.has_phone, reverse=True):
            if folded in wanted and member not in mailed | came:
                self.by_phone[folded] = member
        self._follow_merges()
        found = (self.by_number, self.by_id, self.by_email, self.by_phone)
        known = {member for by in found for member in by.values()}
        for id_, name, joined, role in lookup(
            Member, ("id", "name", "joined_at", "role"), "id", known
        ):
            self.names[id_] = name
            if joined or role:
                self.joined.add(id_)
        if self.work.imagined:
            self._imagine(ids, emails, phones)

    def _follow_merges(self) -> None:
        """Whoever was known by phone alone keeps the number; it names the one they merged into."""
        names = ("id", "merged_into")
        owners = {member for _folded, member in self.has_phone}
        into = {id_: kept for id_, kept in lookup(Member, names, "id", owners) if kept}
        if into:
            self.by_phone = {key: into.get(member, member) for key, member in self.by_phone.items()}
            self.has_phone |= {(key, into.get(member, member)) for key, member in self.has_phone}

    def _imagine(self, ids: set[str], emails: set[str], phones: set[str]) -> None:
        """In a dry run, the people that earlier chunks would have made."""
        assert self.work.imagined is not None
        people = self.work.imagined.people
        for kind, keys, known in (
            ("id", ids, self.by_id),
            ("email", emails, self.by_email),
            ("phone", phones, self.by_phone),
        ):
            for key in keys:
                if (kind, key) in people:
                    known.setdefault(key, people[kind, key])

    def _unknown(self, contacts: Sequence[Contact]) -> int:
        return len(
            {
                (
                    c.number,
                    c.customer_id,
                    fold_email(c.email),
                    fold_phone(c.phone) if not c.email else "",
                )
                for c in contacts
                if c.reachable and self.match(c) is None
            }
        )

    def match(self, contact: Contact) -> int | None:
        """The member whom a contact names, or None."""
        return self._found(contact)[0]

    def _found(self, contact: Contact) -> tuple[int | None, str]:
        """The member whom a contact names, and by what."""
        if contact.number in self.by_number:
            return self.by_number[contact.number], "customer_id"
        found = self.by_id.get(contact.customer_id) if contact.customer_id else None
        if found is not None:
            return found, "customer_id"
        if contact.email:
            return self.by_email.get(fold_email(contact.email)), "email"
        return self.by_phone.get(fold_phone(contact.phone)), "phone"

    def find_or_make(self, contact: Contact) -> int | None:
        """The member whom a contact names, made where nobody matches; None without any contact."""
        if not contact.reachable:
            self.work.tally.matched["none"] += 1
            return None
        member, how = self._found(contact)
        made = member is None or member in self.withdrawn
        if member is None:
            member = self._make(contact)
        elif made:
            self._bring_back(member, contact)
        self._add(member, contact, made)
        self.work.meet("members", member, how)
        return member

    def _bring_back(self, member: int, contact: Contact) -> None:
        """Only their number and history were left of somebody."""
        self.withdrawn.discard(member)
        self.returning.append((contact.name, None, member))
        self._named(member, contact.number, contact.name)

    def _make(self, contact: Contact) -> int:
        member, number, work = next(self.fresh), contact.number or new_number(), self.work
        self.by_number[number] = member
        self.members.append((member, number, number.lower(), contact.name, "import", 1, work.at))
        self._named(member, number, contact.name)
        return member

    def _named(self, member: int, number: str, name: str) -> None:
        self.names[member] = name
        terms = terms_for_number(number) | terms_for_name(name)
        self.work.terms.update((member, term) for term in terms)
        self.work.tally.created["members"] += 1

    def _add(self, member: int, contact: Contact, made: bool) -> None:
        """What a contact tells that was not known of this member."""
        work, added = self.work, False
        if contact.customer_id and contact.customer_id not in self.by_id:
            self.by_id[contact.customer_id] = member
            self.customer_ids.append((member, work.shop, contact.customer_id))
            self._imagined("id", contact.customer_id, member)
            added = True
        folded = fold_email(contact.email)
        if folded and folded not in self.by_email and member not in self.joined:
            self.by_email[folded] = member
            self.emails.append((member, contact.email, folded, "import", work.at))
            work.terms.update((member, term) for term in terms_for_email(contact.email))
            self._imagined("email", folded, member)
            added = True
            for phone in [p for p, owner in self.by_phone.items() if owner == member]:
                del self.by_phone[phone]
        folded = fold_phone(contact.phone)
        if folded and (folded, member) not in self.has_phone:
            self.has_phone.add((folded, member))
            self.phones.append((member, contact.phone, folded, work.at))
            work.terms.update((member, term) for term in terms_for_phone(folded))
            if made and not contact.email:
                self.by_phone.setdefault(folded, member)
                self._imagined("phone", folded, member)
            added = True
        if contact.name and not self.names.get(member):
            self.names[member] = self.renamed[member] = contact.name
            work.terms.update((member, term) for term in terms_for_name(contact.name))
            added = True
        if added and not made:
            work.touched.add(member)
            work.change("members", member)

    def _imagined(self, kind: str, key: str, member: int) -> None:
        if self.work.imagined:
            self.work.imagined.people[kind, key] = member

    def write(self) -> None:
        """Write everybody who is new, and what is new of everybody else."""
        writer = self.work.writer
        whole = ("id", "number", "username", "name", "source", "version", "created_at")
        writer.insert(Member, whole, self.members)
        writer.update(Member, ("name", "withdrawn_at"), self.returning)
        writer.update(Member, ("name",), [(name, id_) for id_, name in self.renamed.items()])
        columns = ("member", "address", "folded", "source", "created_at")
        writer.insert(EmailAddress, columns, self.emails)
        writer.insert(PhoneNumber, ("member", "number", "folded", "created_at"), self.phones)
        writer.insert(CustomerId, ("member", "shop", "external_id"), self.customer_ids)
        work = self.work
        work.came_by_email.update({folded: id_ for id_, _as_written, folded, *_ in self.emails})
        work.came_by_id.update({external: id_ for id_, _shop, external in self.customer_ids})
