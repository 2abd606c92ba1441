"""Passwords at the door and on the security page; second factors; recovery codes."""

from portal.factors import events as _events  # noqa: F401
from portal.factors import jobs as _jobs  # noqa: F401
from portal.factors import second as _second  # noqa: F401
from portal.factors.views import (  # noqa: F401  (each adds its routes to the blueprint)
    door,
    password,
    recovery_codes,
    second,
    second_factor,
    text_messages,
)
from portal.factors.views.blueprint import factors

__all__ = ["factors"]
