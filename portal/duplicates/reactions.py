"""News from other domains after which the shop looks for duplicates."""

from portal.duplicates.jobs import look_again
from portal.imports.events import people_came


@people_came.connect
def on_people_came(_sender: object, batch_id: int) -> None:
    """Look for people who are there twice now."""
    look_again()
