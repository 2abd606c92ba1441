"""Undoing an import on a page: what it would do, then a yes, then how far it is."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from portal.imports.models import Batch
from portal.imports.undoing.jobs import go_on_with, look_at
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.stays import sentence
from portal.imports.undoing.undo import begin, cut_off, plan
from portal.imports.undoing.words import lines
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.text import _
from portal.members.sudo import fresh
from portal.staff.views.blueprint import staff

SMALL = 3_000  # rows of a file whose plan a page can wait for
BUSY = ("undoing", "redoing")
BACK = ("done", "running")  # the latter where the import had been cut off
KEEPS = timedelta(minutes=15)  # a plan that was made in the background


@staff.get("/imports/<int:batch_id>/undo")
@owner_only
def undo_import(batch_id: int) -> Response:
    """What undoing would do, how far it is, or what it did."""
    found = _find(batch_id)
    if not asked():
        return page("staff/undo.html", **_about(found))
    about = _about(found)
    answer = partial("staff/_undoing.html", **about)
    if not about["busy"]:  # the element that polled is put aside for one that does not
        answer.headers["HX-Reswap"] = "outerHTML"
    return answer


@staff.post("/imports/<int:batch_id>/undo/look")
@owner_only
def look_at_undo(batch_id: int) -> BaseResponse:
    """Find out in the background what undoing a large import would do."""
    found = _find(batch_id)
    with write_tx():
        if found.state not in BUSY:
            Batch.update(undo_position={"looking": str(now())} | cut_off(found)).where(
                (Batch.id == found.id) & (Batch.state == found.state)
            ).execute()
            look_at(found.id)
    return _shown(found)


@staff.post("/imports/<int:batch_id>/undo")
@owner_only
@fresh
def go_undo(batch_id: int) -> BaseResponse:
    """Undo it; a second click is the same undo."""
    return _go(batch_id, redo=False)


@staff.post("/imports/<int:batch_id>/redo")
@owner_only
@fresh
def go_redo(batch_id: int) -> BaseResponse:
    """Bring an undone import back."""
    return _go(batch_id, redo=True)


def _go(batch_id: int, *, redo: bool) -> BaseResponse:
    found = _find(batch_id)
    here = url_for("staff.undo_import", batch_id=found.id)
    if not current_user.fresh:
        again = url_for("members.sign_in", again=1, next=here)
        return done(_("Sign in once more first, then go on."), kind="stop", go_to=again)
    if (redo and found.state in BACK) or (
        not redo and found.state == "undone" and not _rest(found)
    ):
        return _shown(found)  # the other tab was first
    with write_tx():
        begin(found.id, current_member.id, redo=redo)
        if found.state not in BUSY:
            go_on_with(found.id)
    return _shown(found)


def _find(batch_id: int) -> Batch:
    found: Batch = find_or_404(Batch.select(), Batch.id == batch_id)
    return found


def _shown(found: Batch) -> BaseResponse:
    return done(
        "",
        show="staff/_undoing.html",
        go_to=url_for("staff.undo_import", batch_id=found.id),
        **_about(_find(found.id)),
    )


def _rest(found: Batch) -> bool:
    return bool(found.undo_tally.get("kept"))


def _about(found: Batch) -> dict[str, Any]:
    place = found.undo_position
    outcome, looking = None, False
    if found.state == "undone":
        outcome = Outcome.from_json(found.undo_tally)
    elif found.state not in BUSY:
        outcome, looking = _plan(found)
    kept = outcome.kept.as_json() if outcome else []
    return {
        "batch": found,
        "busy": found.state in BUSY or looking,
        "looking": looking,
        "percent": min(100, place.get("done", 0) * 100 // max(place.get("of", 0), 1)),
        "said": lines(outcome) if outcome else [],
        "kept": [(sentence(entry), entry["examples"]) for entry in kept],
        "fresh": current_user.fresh,
        "planned": outcome is not None,
        "back": Outcome.from_json(found.undo_tally) if found.state in BACK else None,
    }


def _plan(found: Batch) -> tuple[Outcome | None, bool]:
    """The plan, if it is cheap or was made a moment ago; and whether it is being made."""
    place, moment = found.undo_position, now()
    if "plan" in place and datetime.fromisoformat(place["planned_at"]) > moment - KEEPS:
        return Outcome.from_json(place["plan"]), False
    if found.position <= SMALL:
        return plan(found), False
    asked_at = place.get("looking")
    waits = asked_at is not None and datetime.fromisoformat(asked_at) > moment - KEEPS
    return None, waits
