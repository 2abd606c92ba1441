"""`portal export WHAT`: the shop's data as a file, for the owner to keep or to take elsewhere."""

import sys
from pathlib import Path

import click

from portal.imports.exports.columns import SHEETS
from portal.imports.exports.writing import FORMATS, export
from portal.lib.db import db
from portal.lib.text import _


@click.command("export")
@click.argument("what", type=click.Choice(list(SHEETS)))
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="csv")
@click.option("--shop", default="default", help=_("The shop whose orders are meant."))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_("Default: print."))
def export_command(what: str, format_: str, shop: str, out: Path | None) -> None:
    """Write members, orders, lines, payments or points; importing it again changes nothing."""
    db.connect(reuse_if_open=True)
    if out is None:
        for text in export(what, format_, shop):
            sys.stdout.buffer.write(text.encode())
        return
    with out.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(export(what, format_, shop))
    click.echo(_("%(file)s is written.", file=out), err=True)
