"""Coming in with another service's account, and linking one."""

from portal.providers import events as _events  # noqa: F401
from portal.providers import offered as _offered  # noqa: F401
from portal.providers.views import answer, first_time, linked  # noqa: F401
from portal.providers.views.blueprint import providers

__all__ = ["providers"]
