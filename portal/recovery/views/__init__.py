"""A changed address, a closed account, "this was not me", and getting back in."""

from portal.recovery import events as _events  # noqa: F401
from portal.recovery import jobs as _jobs  # noqa: F401
from portal.recovery import parts as _parts  # noqa: F401
from portal.recovery import reactions as _reactions  # noqa: F401
from portal.recovery.views import addresses as _addresses  # noqa: F401
from portal.recovery.views import closing as _closing  # noqa: F401
from portal.recovery.views import not_me as _not_me  # noqa: F401
from portal.recovery.views import questions as _questions  # noqa: F401
from portal.recovery.views import recover as _recover  # noqa: F401
from portal.recovery.views.blueprint import recovery

__all__ = ["recovery"]
