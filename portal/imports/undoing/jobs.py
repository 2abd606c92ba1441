"""Undoing and redoing that a page asked for goes on in the worker, whatever becomes of the page."""

from portal.imports.models import Batch
from portal.imports.undoing.undo import go_on, look
from portal.lib.jobs import job, periodic


@job()
def go_on_with(batch_id: int) -> None:
    """Undo or redo a batch to its end."""
    go_on(batch_id)


@job()
def look_at(batch_id: int) -> None:
    """Find out what undoing a large batch would do."""
    look(batch_id)


@periodic("imports.undo")
def sweep() -> None:
    """Take up what a worker that died, or a command that was broken off, left half undone."""
    for (batch_id,) in Batch.select(Batch.id).where(
        Batch.state.in_(("undoing", "redoing"))
    ).tuples():  # fmt: skip
        go_on(batch_id)
