"""What happens by itself: a restriction that reached its end is noted in the timeline."""

from portal.lib.jobs import periodic
from portal.risk import deciding


@periodic("risk.end", minute="*/10")
def end_due() -> None:
    """Note what ended; it stopped holding at its moment, whether this ran or not."""
    deciding.end_due()
