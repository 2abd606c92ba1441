"""Coming in with another service's account, and linking one."""

from portal.members.steps import register
from portal.providers import offered as _offered  # noqa: F401
from portal.providers.staff import no_staff_alone
from portal.providers.views import answer, first_time, linked  # noqa: F401
from portal.providers.views.blueprint import providers

register(no_staff_alone)

__all__ = ["providers"]
