"""Every night, and when somebody asks, the shop looks for people who are there twice."""

from portal.duplicates.likeness import look
from portal.lib.jobs import job, periodic


@job()
def look_again() -> None:
    """Look now: after an import, or because an agent asked."""
    look()


@periodic("duplicates.look", minute="40", hour="2")
def look_nightly() -> None:
    """Look once a night."""
    look()
