"""The only clock: every time in Regulars is naive UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment as naive UTC with microseconds, as every table stores it."""
    return datetime.now(UTC).replace(tzinfo=None)
