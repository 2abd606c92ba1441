"""Ways in and ways back: joining, claims, passwords, second factors, recovery, providers."""

from pathlib import Path
from typing import Any

from peewee import SqliteDatabase


def up(_migrator: Any, db: Any) -> None:
    """Run the statements for this kind of database; an empty line ends each."""
    kind = "sqlite" if isinstance(db, SqliteDatabase) else "postgresql"
    text = Path(__file__).with_suffix(f".{kind}.sql").read_text("utf-8")
    for statement in text.split("\n\n"):
        db.execute_sql(statement)
