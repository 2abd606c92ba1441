"""Signing in, security and activity."""

from portal.members import jobs as _jobs  # noqa: F401
from portal.members import reactions as _reactions  # noqa: F401
from portal.members.views import (  # noqa: F401  (each adds its routes to the blueprint)
    activity,
    answers,
    codes,
    demo,
    links,
    offer,
    passkeys,
    phones,
    security,
    sessions,
    setup,
    sign_in,
    text_codes,
)
from portal.members.views.blueprint import members

__all__ = ["members"]
