"""Joining: signing up, the first steps, invitations."""

from portal.joining import events as _events  # noqa: F401
from portal.joining import links as _links  # noqa: F401
from portal.joining import reactions as _reactions  # noqa: F401
from portal.joining.views import by_phone as _by_phone  # noqa: F401
from portal.joining.views import invited as _invited  # noqa: F401
from portal.joining.views import sign_up as _sign_up  # noqa: F401
from portal.joining.views import steps as _steps  # noqa: F401
from portal.joining.views.blueprint import joining
from portal.members.ways import Way, add_way
from portal.shop.models import settings

add_way(Way("join", 90, "joining/_way.html", lambda: {} if settings().sign_up else None))

__all__ = ["joining"]
