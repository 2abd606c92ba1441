"""The first schema."""

from portal.lib.jobs import tables
from portal.schema import MODELS


def up(migrator, db):
    db.create_tables(MODELS)
    db.create_tables(tables())
