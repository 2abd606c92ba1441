"""People who may be there twice: the list, two of them side by side, and what comes of it."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.duplicates.jobs import look_again
from portal.duplicates.leave import check_person
from portal.duplicates.merge import merge
from portal.duplicates.models import Likeness, Move
from portal.duplicates.pairs import count_open, dismiss, open_pairs, pair_of
from portal.duplicates.undo import undo
from portal.duplicates.words import reasons, what_moved
from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.members.sudo import fresh
from portal.staff import search as searching
from portal.staff.comparison import compare
from portal.staff.forms import MergeForm, OtherForm
from portal.staff.models import Look
from portal.staff.views.blueprint import staff
from portal.staff.views.member import find


@staff.get("/duplicates")
def duplicates() -> Response:
    """The pairs that nobody decided on, the likeliest first; a fixed number of statements."""
    pairs = open_pairs(request.args.get("after"))
    ids = {id_ for pair in pairs.rows for id_ in (pair.first_id, pair.second_id)}
    people = {one.member.id: one for one in searching.people(sorted(ids))}
    values: dict[str, Any] = {"pairs": pairs, "people": people, "reasons": reasons}
    if asked():
        return partial("staff/_pairs.html", **values)
    return page("staff/duplicates.html", count=count_open(), **values)


@staff.post("/duplicates/look")
def look_for_duplicates() -> BaseResponse:
    """Look again now; a job does it."""
    with write_tx():
        look_again()
    return done(
        _("We are looking. Open this page again in a minute."), go_to=url_for("staff.duplicates")
    )


@staff.get("/duplicates/<number>/<other>", endpoint="pair")
def show(number: str, other: str) -> BaseResponse:
    """Two people side by side; opening it is written down for both."""
    first, second = _two(number, other)
    if first.id == second.id:  # merged meanwhile
        return redirect(url_for("staff.member", number=first.number), 303)
    for person in (first, second):
        Look.take(current_member, person)
    return _side_by_side(first, second, MergeForm(formdata=None))


@staff.post("/duplicates/<number>/<other>/merge")
@fresh
def merge_pair(number: str, other: str) -> BaseResponse:
    """Make one of two; a second click changes nothing more."""
    first, second = _two(number, other)
    if first.id == second.id:
        return done(_("They are one already."), go_to=url_for("staff.member", number=first.number))
    form = MergeForm()
    keep = compare(first, second, current_member).keep
    form.keep.choices = [(person.number, person.number) for person in keep]
    if not form.validate():
        return _side_by_side(first, second, form, 422)
    kept, gone = (first, second) if form.keep.data == first.number else (second, first)
    move = merge(kept, gone, current_member._get_current_object(), form.reason.data)
    return done(
        _("They are one now. Moved: %(what)s.", what=what_moved(move.summary)),
        go_to=url_for("staff.member", number=kept.number),
    )


@staff.post("/duplicates/<number>/<other>/dismiss")
def dismiss_pair(number: str, other: str) -> BaseResponse:
    """They are two different people: the pair never comes back."""
    first, second = _two(number, other)
    if first.id == second.id:
        raise Refused(_("They were merged meanwhile. Take that back first, at the member."))
    dismiss(first, second, current_member._get_current_object())
    return done(
        _("%(one)s and %(other)s are two people; we will not ask again.",
          one=first.shown_name, other=second.shown_name),
        go_to=url_for("staff.duplicates"),
    )  # fmt: skip


@staff.get("/members/<number>/merge")
def merge_member(number: str) -> BaseResponse:
    """Name the other number, then see both side by side."""
    member = find(number)
    check_person(member, current_member)
    if "other" not in request.args:
        return page("staff/merge.html", member=member, form=OtherForm(formdata=None))
    form = OtherForm(request.args)
    form.member = member
    if not form.validate():
        return page("staff/merge.html", 422, member=member, form=form)
    return redirect(url_for("staff.pair", number=member.number, other=form.found), 303)


@staff.post("/members/<number>/moves/<int:move_id>/undo")
@fresh
def undo_move(number: str, move_id: int) -> BaseResponse:
    """Take a merge or split back, and say what stayed."""
    member = find(number)
    of_member = (Move.source == member) | (Move.target == member)
    move = find_or_404(Move.select(), Move.id == move_id, of_member)
    undone = undo(move, current_member._get_current_object())
    words = _("Taken back: %(what)s.", what=what_moved(undone.back))
    if not undone.whole:
        stayed = what_moved(undone.stayed)
        words += " " + _("Changed since, so it stays where it is: %(what)s.", what=stayed)
    return done(words, go_to=url_for("staff.member", number=member.number))


def _two(number: str, other: str) -> tuple[Member, Member]:
    first, second = find(number), find(other)
    if first.is_staff or second.is_staff:
        abort(404)
    return first, second


def _side_by_side(first: Member, second: Member, form: Any, status: int = 200) -> Response:
    found = compare(first, second, current_member)
    pair: Likeness | None = pair_of(first, second)
    form.keep.choices = [(person.number, _kept(person)) for person in found.keep]
    if not form.keep.data and found.keep:
        form.keep.data = found.keep[0].number
    return page(
        "staff/pair.html",
        status,
        first=first,
        second=second,
        found=found,
        form=form,
        reasons=reasons(pair.reasons) if pair else [],
        dismissed=pair is not None and pair.dismissed_at is not None,
    )


def _kept(person: Member) -> str:
    return f"{person.name}, {person.number}" if person.name else person.number
