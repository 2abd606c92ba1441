"""People when a batch is undone: who goes, who is emptied because history names them, who stays.

Those whom the batch made go, unless they signed in, somebody worked with them, or anything else
knows them. Those who were there before only lose what the batch added to them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.imports.loading.bulk import Writer
from portal.imports.loading.statements import Row, as_moment, lookup, whole_rows
from portal.imports.undoing.deeds import Decision, Deed, Stay, do, there
from portal.imports.undoing.notes import Notes, Past
from portal.lib.clock import now
from portal.lib.db import Base
from portal.lib.mail import Mail
from portal.loyalty.models import PointsLot
from portal.members.models import CustomerId, EmailAddress, Event, Member, PhoneNumber, SearchTerm
from portal.members.models.search import (
    terms_for_email,
    terms_for_name,
    terms_for_number,
    terms_for_phone,
)

CONTACTS: tuple[type[Base], ...] = (EmailAddress, PhoneNumber, CustomerId)
#: Tables that name members, by what that means for them; what is not here is something of theirs.
#: What was only sent to an address (a code, an invitation) goes with it.
FOLLOWS = {
    "search_term", "sign_in_code", "proof_code", "one_time_link", "challenge", "pending_sign_in",
    "invitation", "likeness", "look", "points_account", "points_lot", "email_address",
    "phone_number", "customer_id",
}  # fmt: skip
#: Whoever has one of these holds the account, whether or not a sign-in is noted.
HELD = {
    "session", "passkey", "password", "authenticator", "sent_factor", "recovery_code",
    "security_question", "linked_account", "recovery", "address_change", "claim", "step",
}  # fmt: skip
WORKED = {"note", "restriction"}
HISTORY = {"event", "ledger_entry"}
BOUGHT = {"order", "payment", "refund"}
JOINED = {"move", "member"}


@dataclass(slots=True)
class Person:
    """A member with their addresses, and what else names them."""

    row: Row
    past: Past
    made: bool
    contacts: list[tuple[type[Base], Row, Past, bool]] = field(default_factory=list)
    named_in: set[str] = field(default_factory=set)
    points: bool = False
    worked_with: bool = False


class Persons:
    """The members whom a batch made or told more of. `gone`: what a plan takes away before."""

    NAME = "members"

    def __init__(self, notes: Notes, began: datetime, gone: dict[str, set[int]]) -> None:
        self.notes, self.began, self.gone = notes, began, gone

    def units(self) -> list[int]:
        """Ids of members."""
        found = self.notes.existing(Member) | self.notes.changed(Member)
        for model in CONTACTS:
            found |= self.notes.existing(model, "member_id")
        return sorted(found - self._withdrawn(found))

    def decide(self, ids: Sequence[int]) -> Decision:
        """Who goes, who is emptied, who loses what, who stays."""
        decision = Decision()
        for person in self._read(ids):
            id_, number = person.row["id"], person.row["number"]
            why, batch = self._against(person)
            if why:
                decision.stays.append(Stay("member", id_, number, why, batch))
            else:
                decision.deeds.append(self._deed(person))
        return decision

    def do(self, deeds: Sequence[Deed]) -> None:
        """The rows; what agents find people by follows."""
        do(self.notes.batch_id, deeds)
        ids = [deed.row for deed in deeds]
        refind(ids)
        Writer().raise_versions(there(Member, ids))

    def _withdrawn(self, ids: Iterable[int]) -> set[int]:
        rows = lookup(Member, ("id", "withdrawn_at"), "id", ids)
        return {id_ for id_, withdrawn_at in rows if withdrawn_at}

    def _read(self, ids: Sequence[int]) -> list[Person]:
        pasts, made = self.notes.pasts(Member, ids), self.notes.made(Member)
        people = {
            row["id"]: Person(row, pasts.get(row["id"], Past()), row["id"] in made)
            for row in whole_rows(Member, "id", ids)
        }
        for model in CONTACTS:
            rows, own = whole_rows(model, "member", people), self.notes.made(model)
            pasts = self.notes.pasts(model, [row["id"] for row in rows])
            for row in rows:
                contact = (model, row, pasts.get(row["id"], Past()), row["id"] in own)
                people[row["member_id"]].contacts.append(contact)
        self._ask_who_names(people)
        return list(people.values())

    def _ask_who_names(self, people: dict[int, Person]) -> None:
        for key, model in Member._meta.backrefs.items():
            table = model._meta.table_name
            if table in FOLLOWS and key.name != "agent":
                continue
            where = "actor" if key.name == "actor" else table
            for id_ in self._named(model, key, people):
                people[id_].named_in.add(where)
        for (id_,) in lookup(Mail, ("member_id",), "member_id", people):
            people[id_].named_in.add("event")
        for id_, order, points in lookup(
            PointsLot, ("member", "order", "points"), "member", people
        ):
            if points and order not in self.gone["order"]:
                people[id_].points = True
        for id_, kind, actor in lookup(Event, ("member", "kind", "actor"), "member", people):
            if actor and kind != "staff.looked":
                people[id_].worked_with = True

    def _named(self, model: type[Base], key: Any, people: Iterable[int]) -> set[int]:
        table = model._meta.table_name
        if table not in BOUGHT:
            return {row[0] for row in lookup(model, (key.name,), key.name, people)}
        names = ("id", key.name, "id" if table == "order" else "order")
        return {
            member
            for id_, member, order in lookup(model, names, key.name, people)
            if id_ not in self.gone[table]
            and id_ not in self.gone[f"{table}.member_id"]
            and order not in self.gone["order"]
        } | self.gone["held.member_id"].intersection(people)

    def _against(self, person: Person) -> tuple[str, int | None]:
        row = person.row
        if later := person.past.later or next((c[2].later for c in person.contacts), None):
            return "later", later
        joined_at = as_moment(row["joined_at"]) if row["joined_at"] else None
        if joined_at and joined_at >= self.began:
            return "joined", None
        if row["merged_into_id"] or person.named_in & JOINED:
            return "merged", None
        verified = [r for model, r, _past, made in person.contacts if made and r.get("verified_at")]
        if verified:
            return "verified", None
        return self._against_removal(person) if person.made else self._against_return(person)

    def _against_return(self, person: Person) -> tuple[str, int | None]:
        fits = person.past.fits(person.row) and all(c[2].fits(c[1]) for c in person.contacts)
        return ("" if fits else "hand"), None

    def _against_removal(self, person: Person) -> tuple[str, int | None]:
        if person.row["role"]:
            return "staff", None
        if person.named_in & HELD:
            return "joined", None
        for model, row, _past, made in person.contacts:
            if not made:
                maker = self.notes.maker(model._meta.table_name, row["id"])
                return ("later", maker) if maker else ("hand", None)
        if person.named_in & BOUGHT:
            return "orders", None
        if person.points:
            return "points", None
        if person.worked_with or person.named_in & WORKED:
            return "worked", None
        if person.named_in - HISTORY:
            return "uses", None
        # Undoing another import would name them again, as whose a payment was.
        held = self.notes.held("member_id").get(person.row["id"])
        return ("held", held) if held else ("", None)

    def _deed(self, person: Person) -> Deed:
        row = person.row
        deed = Deed("member", row["id"], row["number"])
        for model, contact, past, made in person.contacts:
            table = model._meta.table_name
            if made:
                deed.removed[table].append(contact)
            elif past.notes:
                deed.notes += past.notes
                deed.put_back[table][contact["id"]] = past.change
        if not person.made:
            deed.notes += person.past.notes
            if person.past.change:
                deed.put_back["member"][row["id"]] = person.past.change
        elif person.named_in & HISTORY:
            deed.emptied = True
            deed.put_back["member"][row["id"]] = {
                "name": ["", row["name"]],
                "withdrawn_at": [str(now()), None],
            }
        else:
            deed.removed["member"] = [row]
        return deed


def refind(ids: Iterable[int]) -> None:
    """Bring the search terms of members in line with what is known of them; none of who went."""
    writer, terms = Writer(), set()
    people = whole_rows(Member, "id", ids)
    for model in CONTACTS:
        for row in whole_rows(model, "member", [person["id"] for person in people]):
            words = terms_for_email(row["address"]) if model is EmailAddress else set()
            words |= terms_for_phone(row["folded"]) if model is PhoneNumber else set()
            terms |= {(row["member_id"], word) for word in words}
    for person in people:
        if not person["withdrawn_at"]:
            words = terms_for_name(person["name"]) | terms_for_number(person["number"])
            terms |= {(person["id"], word) for word in words}
    old = defaultdict(set)
    for member, term in lookup(SearchTerm, ("member", "term"), "member", ids):
        old[member].add((member, term))
    stale = set().union(*old.values()) - terms
    for member in {member for member, _term in stale}:
        lost = [term for owner, term in stale if owner == member]
        SearchTerm.delete().where(
            (SearchTerm.member == member) & SearchTerm.term.in_(lost)
        ).execute()
    writer.insert(SearchTerm, ("member", "term"), sorted(terms), ignore=True)
