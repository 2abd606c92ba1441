"""`portal import FILE…`: what a shop's owner types to bring their export in."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from portal.imports.formats.files import Unreadable
from portal.imports.maps.opening import assign
from portal.imports.maps.parse import parse
from portal.imports.result import Result
from portal.imports.run import import_file
from portal.imports.tally import SELDOM, THINGS
from portal.lib.db import db
from portal.lib.money import format_money
from portal.lib.refused import Refused
from portal.lib.text import _, ngettext

SHOWN = 5  # quarantined rows that are printed for people


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--as", "kind", metavar="KIND", help=_("Read the files as this kind."))
@click.option(
    "--map",
    "map_file",
    type=click.Path(),
    metavar="MAP",
    help=_("Read the files as this TOML map says."),
)
@click.option("--shop", default="default", help=_("The shop that the files are from."))
@click.option("--currency", metavar="CUR", help=_("For files that name no currency."))
@click.option("--dry-run", is_flag=True, help=_("Say what would happen, and write nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("One line of JSON for each file."))
def import_command(
    files: tuple[str, ...],
    kind: str | None,
    map_file: str | None,
    shop: str,
    currency: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in a shop's own exports.

    Run it again with the same file after it was cut off, and it goes on where it was. Exits with 0;
    1 when rows were put aside; 2 when a file was refused; the highest of all files.
    """
    db.connect(reuse_if_open=True)
    worst = 0
    options = {"kind": kind, "shop": shop, "currency": currency, "dry_run": dry_run}
    try:
        sets = _mapped(map_file, files) if map_file else [(file, {}) for file in files]
    except Unreadable as why:
        sets = []
        worst = _refuse(Result(map_file or "", error=why.sentence, missing=why.missing), as_json)
    for file, own in sets:
        result = _with_progress(file, options | own)
        worst = max(worst, result.exit_code)
        if as_json:
            click.echo(json.dumps(result.as_json(), ensure_ascii=False))
        else:
            _tell(result, dry_run)
    sys.exit(worst)


def _mapped(map_file: str, files: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    """What to import with a map: all files at once where it names several, else each by itself."""
    try:
        text = Path(map_file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unreadable(_("The map can't be opened.")) from None
    map = parse(text)
    if not map.files:
        return [(file, {"map_text": text}) for file in files]
    named = assign(map, files)
    return [(str(named[map.main][0]), {"map_text": text, "files": named})]


def _refuse(result: Result, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        _tell(result, False)
    return result.exit_code


def _with_progress(file: str, options: dict[str, Any]) -> Result:
    try:
        if not sys.stderr.isatty():
            return import_file(file, **options)
        with click.progressbar(length=1000, label=Path(file).name[-40:], file=sys.stderr) as bar:

            def progress(done: int, size: int) -> None:
                bar.update(done * 1000 // max(size, 1) - bar.pos)

            return import_file(file, **options, progress=progress)
    except Refused as refused:
        return Result(file, error=refused.sentence)


def _tell(result: Result, dry_run: bool) -> None:
    if result.error:
        click.echo(f"{result.file}: {result.error}", err=True)
        return
    tally = result.tally
    head = _("would come in") if dry_run else _("is in")
    click.echo(f"{result.file} ({result.kind}) {head}: {_rows(tally.rows)}")
    if result.sheet:
        click.echo(_("  read from the sheet “%(sheet)s”", sheet=result.sheet))
    for name, figures in (
        (_("created"), tally.created),
        (_("updated"), tally.updated),
        (_("unchanged"), tally.unchanged),
    ):
        parts = ", ".join(
            _counted(thing, figures[thing]) for thing in (*THINGS, *SELDOM) if figures.get(thing)
        )
        click.echo(f"  {name}: {parts or 0}")
    for currency, (orders, refunded) in sorted(tally.totals.items()):
        click.echo(
            _(
                "  %(orders)s in orders, %(refunded)s refunded",
                orders=format_money(orders, currency),
                refunded=format_money(refunded, currency),
            )
        )
    if tally.skipped:
        click.echo(_("  skipped: %(rows)s", rows=_rows(tally.skipped)))
        for why, rows in sorted(tally.reasons.items()):
            click.echo(f"    {why}: {_rows(rows)}")
    for name, (rows, named) in tally.beside.items():
        click.echo(
            _("  looked up in %(file)s: %(named)s of %(rows)s", file=name, named=f"{named:,}",
              rows=_rows(rows))
        )  # fmt: skip
    if tally.quarantined:
        click.echo(_("  put aside: %(rows)s", rows=_rows(tally.quarantined)))
        for line, reason in result.quarantined[:SHOWN]:
            click.echo(_("    line %(line)s: %(reason)s", line=line, reason=reason))


def _counted(thing: str, count: int) -> str:
    one = {
        "members": _("member"),
        "orders": _("order"),
        "lines": _("line"),
        "payments": _("payment"),
        "refunds": _("refund"),
        "products": _("product"),
        "payouts": _("payout"),
        "balance_lines": _("balance line"),
        "points": _("points entry"),
    }
    return f"1 {one[thing]}" if count == 1 else f"{count:,} {_(thing.replace('_', ' '))}"


def _rows(count: int) -> str:
    return ngettext("%(count)s row", "%(count)s rows", count)
