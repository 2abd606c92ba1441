"""What happens to points by itself."""

from portal.lib.jobs import job, periodic
from portal.loyalty.points import book_all, mature
from portal.shop.models import forget


@periodic("points.mature", minute="*/10")
def mature_due() -> None:
    """Make points spendable whose return window has ended."""
    mature()


@job()
def book_everything() -> None:
    """Book every order anew: the owner changed the rules of the programme."""
    forget()  # this process may still hold the rules from before
    book_all()
