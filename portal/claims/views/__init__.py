"""Finding an order without an account, and claiming orders for one."""

from portal.claims import first as _first  # noqa: F401
from portal.claims.views import claim as _claim  # noqa: F401
from portal.claims.views import find as _find  # noqa: F401
from portal.claims.views.blueprint import claims

__all__ = ["claims"]
