"""What the security log says of an attempt: events with an outcome, and incidents, oldest first."""

from portal.lib.jobs import run_waiting
from portal.members import kinds
from portal.members.models import Event, Incident

IN = ["in"]


def told() -> list[str]:
    """`in` for each sign-in that was let in, the kind of each failure, `!kind` of each incident."""
    run_waiting()
    found = []
    for event in Event.select().order_by(Event.id):
        kind = kinds.kind(event.kind)
        if kind.outcome:
            found.append("in" if kind.outcome == "in" else event.kind)
    return found + [f"!{incident.kind}" for incident in Incident.select().order_by(Incident.id)]
