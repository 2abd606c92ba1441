"""The work on uploaded files: one at a time, taken up again wherever a worker fell silent."""

import logging
from datetime import datetime, timedelta
from typing import Any

from peewee import OperationalError

from portal.imports.formats.files import look_at
from portal.imports.maps.suggest import fingerprint
from portal.imports.models import Batch, SavedMap, Upload
from portal.imports.pulse import Overtaken, Pulse
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.imports.uploads import WORKING, forget_old, path_of, remove
from portal.lib.clock import now
from portal.lib.db import after, write_tx
from portal.lib.jobs import huey, job, periodic
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext
from portal.members.letters import write_to
from portal.shop.models import settings

log = logging.getLogger("portal.imports")

SILENT = timedelta(seconds=20)  # after which another worker goes on
LONG = timedelta(minutes=1)  # an import that takes longer is told of by mail
SHOWN = 20  # rows put aside that the plan names


@job()
def go_on() -> None:
    """Work on uploads until none waits; another worker that is at it is left alone."""
    while (upload := _claim()) is not None:
        _work(upload)


@periodic("imports.go_on")
def sweep() -> None:
    """Take up uploads whose job was lost or whose worker died."""
    go_on.call_local()


@periodic("imports.forget", minute="41")
def forget() -> None:
    """Drop files that nobody came back to."""
    forget_old()


@huey.on_startup()
def after_a_restart() -> None:
    """What the last worker was at goes on as soon as it counts as silent."""
    go_on.schedule(delay=int(SILENT.total_seconds()) + 1)


def _claim() -> Upload | None:
    """The next upload that waits for work, ours from now on; None while another is worked on."""
    with write_tx():
        at = now()
        waiting = Upload.state.in_(WORKING)
        alive = Upload.beat_at.between(at - SILENT, at + SILENT)
        if Upload.select().where(waiting & alive).exists():
            return None
        upload = Upload.select().where(waiting).order_by(Upload.id).first()
        if upload is None:
            return None
        before = (
            Upload.beat_at.is_null() if upload.beat_at is None else Upload.beat_at == upload.beat_at
        )
        mine = (Upload.id == upload.id) & (Upload.state == upload.state) & before
        if not Upload.update(beat_at=at).where(mine).execute():
            return None
        upload.beat_at = at
        return upload


def _work(upload: Upload) -> None:
    with Pulse(upload) as pulse:
        try:
            result = _read(upload, pulse)
        except Overtaken:
            return
        except (OperationalError, Refused) as busy:  # tried again once it is silent
            log.warning("upload %s waits: %s", upload.id, busy)
            if isinstance(busy, Refused):
                _say(upload, busy.sentence)
            return
        except Exception:
            log.exception("upload %s could not be read", upload.id)
            result = Result(upload.name, error=_unknown(upload))
    if upload.state == "looking":
        _looked(upload, pulse, result)
    else:
        _in(upload, pulse, result)


def _read(upload: Upload, pulse: Pulse) -> Result:
    """Look at the file, or bring it in; a batch that was finished before is not begun anew."""
    importing = upload.state == "importing"
    if importing and upload.batch and upload.batch.finished_at:
        return Result(upload.name, kind=upload.kind, batch=upload.batch_id)

    def begun(batch: Batch) -> None:
        with write_tx():
            Upload.update(batch=batch, sha256=batch.sha256).where(Upload.id == upload.id).execute()

    def read() -> Result:
        return import_file(
            path_of(upload),
            dry_run=not importing,
            by=upload.by,
            progress=pulse.told,
            begun=begun,
            **options(upload),
        )

    result = read()
    if result.missing and not importing and not upload.kind and (text := _remembered(upload)):
        upload.map = text
        result = read()
    return result


def _remembered(upload: Upload) -> str:
    """The map that files with such a header were read with before, or blank."""
    saved = SavedMap.get_or_none(
        SavedMap.fingerprint == fingerprint(look_at(path_of(upload)).header)
    )
    return saved.toml if saved and not upload.map else ""


def options(upload: Upload) -> dict[str, Any]:
    """How the owner said that the file is to be read, for import_file."""
    said: dict[str, Any] = {"name": upload.name, "shop": upload.shop}
    if upload.currency:
        said["currency"] = upload.currency
    if upload.map:
        said["map_text"] = upload.map
    elif upload.kind:
        said["kind"] = upload.kind
    return said


def _say(upload: Upload, sentence: str) -> None:
    """Let the page say why it waits."""
    with write_tx():
        Upload.update(error=sentence).where(
            (Upload.id == upload.id) & (Upload.state == upload.state)
        ).execute()


def _unknown(upload: Upload) -> str:
    if upload.state == "looking":
        return _("Something in this file could not be read, and nothing was written. The shop’s log"
                 " tells more.")  # fmt: skip
    return _("The import stopped at something unforeseen. What came in before it is whole; look at"
             " the file again and bring it in to go on.")  # fmt: skip


def _looked(upload: Upload, pulse: Pulse, result: Result) -> None:
    """Keep what would happen, or why nothing can."""
    plan = result.as_json()
    if not result.error:
        plan["quarantined"] = _to_blame(result.quarantined)
        plan["sums"] = result.tally.totals
    values = {
        "state": "refused" if result.error else "looked",
        "kind": upload.kind if result.error else result.kind,
        "plan": plan,
        "error": result.error,
        "map": upload.map,
    }
    with write_tx():
        Upload.update(**values, progress=upload.size).where(pulse.mine()).execute()


def _to_blame(aside: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """The first rows that stay out for themselves, not because of another row of their order."""
    reasons = {reason for _line, reason in aside}
    own = [r for r in reasons if not any(o != r and r.endswith(o) for o in reasons)]
    kept = [{"line": line, "reason": reason} for line, reason in aside if reason in own]
    return kept[:SHOWN]


def _in(upload: Upload, pulse: Pulse, result: Result) -> None:
    """The file is in, or was refused after all; tells by mail, once, what took long."""
    at = now()
    values: dict[str, Any]
    values = {"state": "refused", "error": result.error, "plan": result.as_json()}
    if not result.error:
        values = {"state": "done", "batch": result.batch, "finished_at": at, "error": ""}
    with write_tx():
        moved = Upload.update(**values, progress=upload.size).where(pulse.mine()).execute()
        if moved and not result.error:
            after(lambda: remove(upload))
            if at - (upload.started_at or at) > LONG:
                _tell(upload, Batch.get_by_id(result.batch), at)


def _tell(upload: Upload, batch: Batch, at: datetime) -> None:
    """Mail the owner who brought the file in."""
    if upload.by is None:
        return
    aside = batch.tally.get("quarantined", 0)
    write_to(
        upload.by,
        "import_done",
        subject=_("%(file)s is in", file=upload.name),
        why=_(
            "You got this mail because you brought a file into %(shop)s and it took longer than a"
            " minute.",
            shop=settings().name,
        ),
        file=upload.name,
        rows=f"{batch.position:,}",
        minutes=max(1, round((at - (upload.started_at or at)).total_seconds() / 60)),
        aside=ngettext(
            "One row was put aside; it can be put right on that page.",
            "%(rows)s rows were put aside; they can be put right on that page.",
            aside,
            rows=f"{aside:,}",
        )
        if aside
        else "",
        path=f"/staff/imports/{batch.id}",
    )
