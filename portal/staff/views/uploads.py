"""The owner's files on their way in: sent, looked at, brought in or taken away."""

from typing import Any

from flask import Response, jsonify, make_response, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from portal.imports import uploads
from portal.imports.jobs import go_on
from portal.imports.models import Batch, Upload
from portal.imports.readers import readers
from portal.imports.uploads import SLICE, OutOfStep
from portal.lib.db import write_tx
from portal.lib.forms import whole_number
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.money import currencies
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.shop.models import settings
from portal.staff import arrival
from portal.staff.views.blueprint import staff

BUSY = ("looking", "importing")


@staff.get("/imports/uploads")
@owner_only
def upload_list() -> BaseResponse:
    """The files that are not in yet, while some are worked on; plainly asked, the whole page."""
    if not asked():
        return redirect(url_for("staff.imports"), 303)
    found = open_uploads()
    busy = any(upload.state in BUSY for upload in found)
    answer = partial("staff/_uploads.html", uploads=found, busy=busy, going=arrival.going)
    return answer if busy else _last_time(answer)


@staff.post("/imports/uploads")
@owner_only
def start_upload() -> BaseResponse:
    """Announce a file that comes in slices (JSON), or take whole ones from a plain form."""
    if request.accept_mimetypes.best == "application/json":
        return _announced()
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        return done(_("Choose a file first."), kind="stop", go_to=url_for("staff.imports"))
    taken = [_whole(file) for file in files]
    go_on()
    if len(taken) == 1:
        return redirect(url_for("staff.upload", token=taken[0].token), 303)
    return redirect(url_for("staff.imports"), 303)


@staff.post("/imports/uploads/<token>/slices")
@owner_only
def slice_of_upload(token: str) -> Response:
    """The next bytes, at most 1 MB; 409 says where the file ends when they begin elsewhere."""
    upload = _find(token)
    at = whole_number(request.args.get("at"))
    if (request.content_length or 0) > SLICE:
        return _answer(413, error=_("A slice is at most 1 MB."), received=upload.received)
    try:
        there = uploads.take(upload, -1 if at is None else at, request.get_data(cache=False))
    except OutOfStep as elsewhere:
        return _answer(409, received=elsewhere.received)
    except Refused as refused:
        return _answer(refused.status, error=refused.sentence)
    if there == upload.size:
        go_on()
    return _answer(200, received=there)


@staff.get("/imports/uploads/<token>")
@owner_only
def upload(token: str) -> Response:
    """One file: how far it is, what it would bring, or what it brought."""
    found = _find(token)
    if not asked():
        return page("staff/upload.html", **_about(found))
    answer = partial("staff/_upload.html", **_about(found))
    return answer if found.state in BUSY else _last_time(answer)


@staff.post("/imports/uploads/<token>/look")
@owner_only
def look_at_upload(token: str) -> BaseResponse:
    """Look at the file again, read as the owner says."""
    found = _find(token)
    said = {name: request.form.get(name, "").strip() for name in ("kind", "shop", "currency")}
    said["shop"], said["currency"] = said["shop"] or "default", said["currency"].upper()
    if wrong := _wrong(said):
        about = _about(found) | {"said": said, "wrong": wrong}
        answer = partial if asked() else page
        return answer(f"staff/{'_' if asked() else ''}upload.html", 422, **about)
    with write_tx():
        uploads.look_again(found, **said, map=found.map if said["kind"] == "map" else "")
        go_on()
    return _shown(found)


@staff.post("/imports/uploads/<token>/go")
@owner_only
def bring_in_upload(token: str) -> BaseResponse:
    """Bring the file in; a second click is the same import."""
    found = _find(token)
    with write_tx():
        if uploads.go(found):
            go_on()
    return _shown(found)


@staff.post("/imports/uploads/<token>/cancel")
@owner_only
def cancel_upload(token: str) -> BaseResponse:
    """Take the file away; nothing of it comes in."""
    found = _find(token)
    uploads.cancel(found)
    notice = _("%(file)s was removed. Nothing of it came in.", file=found.name)
    return done(notice, go_to=url_for("staff.imports"))


def open_uploads() -> list[Upload]:
    """Files that are not in yet, newest first."""
    query: Any = Upload.select().where(Upload.state.in_(uploads.OPEN))
    return list(query.order_by(Upload.id.desc()).limit(50))


def _find(token: str) -> Upload:
    found: Upload = find_or_404(Upload.select(), Upload.token == token)
    return found


def _announced() -> Response:
    """Where an announced file goes on: at its beginning, or where an earlier try broke off."""
    name, size = request.form.get("name", ""), whole_number(request.form.get("size")) or 0
    known = Upload.get_or_none(
        (Upload.token == request.form.get("token", ""))
        & (Upload.state == "receiving")
        & (Upload.size == size)
        & (Upload.by == current_member.id)
    )
    try:
        known = known or uploads.start(current_member, name, size)
    except Refused as refused:
        return _answer(refused.status, error=refused.sentence)
    return _answer(200, token=known.token, received=known.received,
                   page=url_for("staff.upload", token=known.token))  # fmt: skip


def _whole(file: FileStorage) -> Upload:
    """A file that came in one go, in a plain form."""
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    taken, at = uploads.start(current_member, file.filename or "", size), 0
    while body := file.stream.read(SLICE):
        at = uploads.take(taken, at, body)
    return taken


def _wrong(said: dict[str, str]) -> str:
    if said["kind"] and said["kind"] != "map" and said["kind"] not in readers():
        return _("Choose one of the kinds.")
    if len(said["shop"]) > 60 or not said["shop"].isprintable():
        return _("A shop's name has 1 to 60 characters.")
    if said["currency"] and said["currency"] not in currencies():
        return _("“%(code)s” is no currency; write three letters such as EUR.",
                 code=said["currency"][:20])  # fmt: skip
    return ""


def _about(found: Upload) -> dict[str, Any]:
    batch: Batch | None = found.batch if found.state in ("importing", "done", "refused") else None
    figures = batch.tally if batch and found.state == "done" else found.plan
    return {
        "upload": found,
        "batch": batch,
        "busy": found.state in BUSY,
        "going": arrival.going(found),
        "figures": figures,
        "headline": arrival.outcome(figures, ahead=found.state != "done"),
        "kinds": sorted(readers()),
        "currency": settings().currency,
        "said": {"kind": "map" if found.map else found.kind, "shop": found.shop,
                 "currency": found.currency},
        "wrong": "",
    }  # fmt: skip


def _shown(found: Upload) -> BaseResponse:
    go_to = url_for("staff.upload", token=found.token)
    about = _about(_find(found.token)) if asked() else {}
    return done("", show="staff/_upload.html", go_to=go_to, **about)


def _last_time(answer: Response) -> Response:
    """The element that polled is put aside for one that does not."""
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _answer(status: int, **values: Any) -> Response:
    answer = make_response(jsonify(values), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
