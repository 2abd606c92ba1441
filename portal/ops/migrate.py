"""Bring the database to the newest schema."""

from portal.lib.db import db
from portal.lib.jobs import tables
from portal.schema import MODELS


def migrate() -> None:
    """Make what is missing (stands in until the first migration is written)."""
    db.connect(reuse_if_open=True)
    db.create_tables(MODELS)
    db.obj.create_tables(tables())
