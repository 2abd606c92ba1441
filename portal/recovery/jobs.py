"""What happens by itself: accounts close when their time has come; traces are cleared away."""

from portal.lib.jobs import periodic
from portal.recovery import addresses, closing, slow


@periodic("recovery.close", minute="*/10")
def close_due() -> None:
    """Close the accounts whose time to think is over."""
    closing.close_due()


@periodic("recovery.ready", minute="*/5")
def tell_ready() -> None:
    """Say that the 48 hours are over, and end what nobody went on with."""
    slow.tell_ready()
    slow.end_late()


@periodic("recovery.clear", minute="41")
def clear() -> None:
    """Forget addresses that were given up for good, and the last mails to people who left."""
    addresses.forget_old()
    closing.forget_farewells()
