"""What ways back leave behind is cleared away once an hour."""

from portal.lib.jobs import periodic
from portal.recovery import addresses


@periodic("recovery.clear", minute="41")
def clear() -> None:
    """Forget addresses that were given up for good."""
    addresses.forget_old()
