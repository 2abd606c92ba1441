"""`portal undo-import BATCH`: take back what a file brought, after saying what that means."""

import json
import sys

import click

from portal.imports.models import Batch
from portal.imports.undoing.outcome import Outcome
from portal.imports.undoing.stays import sentence
from portal.imports.undoing.undo import plan, redo, undo
from portal.imports.undoing.words import lines
from portal.lib.dates import when
from portal.lib.db import db
from portal.lib.money import decimal_text
from portal.lib.text import _


@click.command("undo-import")
@click.argument("number", type=int, metavar="BATCH")
@click.option("--yes", is_flag=True, help=_("Do it without asking."))
@click.option("--redo", "again", is_flag=True, help=_("Bring an undone import back."))
@click.option("--json", "as_json", is_flag=True, help=_("JSON; without --yes only the plan."))
def undo_command(number: int, yes: bool, again: bool, as_json: bool) -> None:
    """Undo an import: remove what it made, and put back what it changed.

    Shows first what would happen, and asks. Run it again after it was cut off, and it goes on.
    Exits with 0; 1 when something stays as it is.
    """
    db.connect(reuse_if_open=True)
    batch = Batch.get_or_none(Batch.id == number)
    if batch is None:
        raise click.UsageError(_("There is no import %(number)s.", number=number))
    before = None if again or batch.state in ("undoing", "redoing") else plan(batch)
    if as_json and not yes:
        click.echo(_as_json(batch, before or Outcome.from_json(batch.undo_tally)))
        return
    if before and not as_json:
        _tell(_("Undoing %(file)s, imported %(when)s, means:", file=batch.file,
                when=when(batch.started_at)), lines(before), before)  # fmt: skip
    if not yes and not click.confirm(_("Go on?"), default=False):
        click.echo(_("Nothing was changed."))
        return
    outcome = (redo if again else undo)(batch, told=_progress)
    if as_json:
        click.echo(_as_json(Batch.get_by_id(number), outcome))
    else:
        words = _("%(file)s is back:") if again else _("%(file)s is undone:")
        _tell(words % {"file": batch.file}, lines(outcome, redo=again), outcome)
        if again and Batch.get_by_id(number).state == "running":
            click.echo(_("It is not all in. Bring the same file in again and it goes on where it "
                         "stopped."))  # fmt: skip
    sys.exit(1 if outcome.kept.entries else 0)


def _progress(done: int, in_all: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} / {in_all:,}", nl=False, err=True)


def _tell(head: str, said: list[str], outcome: Outcome) -> None:
    click.echo(head)
    for words in said:
        click.echo(f"  {words}")
    kept = outcome.kept.as_json()
    if kept:
        click.echo(_("What stays as it is:"))
    for entry in kept:
        click.echo(f"  {sentence(entry)} ({', '.join(entry['examples'])})")


def _as_json(batch: Batch, outcome: Outcome) -> str:
    said = outcome.as_json()
    said["totals"] = {code: decimal_text(sum_, code) for code, sum_ in outcome.totals.items()}
    said["kept"] = [entry | {"sentence": sentence(entry)} for entry in said["kept"]]
    whole = {"batch": batch.id, "file": batch.file, "state": batch.state, **said}
    return json.dumps(whole, ensure_ascii=False)
