"""The desk: one blueprint behind one guard."""

from portal.staff import events as _events  # noqa: F401
from portal.staff.views import aside as _aside  # noqa: F401
from portal.staff.views import cases as _cases  # noqa: F401
from portal.staff.views import claims as _claims  # noqa: F401
from portal.staff.views import deeds as _deeds  # noqa: F401
from portal.staff.views import desk as _desk  # noqa: F401
from portal.staff.views import duplicates as _duplicates  # noqa: F401
from portal.staff.views import exports as _exports  # noqa: F401
from portal.staff.views import imports as _imports  # noqa: F401
from portal.staff.views import incidents as _incidents  # noqa: F401
from portal.staff.views import joining as _joining  # noqa: F401
from portal.staff.views import maps as _maps  # noqa: F401
from portal.staff.views import outbox as _outbox  # noqa: F401
from portal.staff.views import people as _people  # noqa: F401
from portal.staff.views import providers as _providers  # noqa: F401
from portal.staff.views import recovery as _recovery  # noqa: F401
from portal.staff.views import risk as _risk  # noqa: F401
from portal.staff.views import settings as _settings  # noqa: F401
from portal.staff.views import splitting as _splitting  # noqa: F401
from portal.staff.views import texts as _texts  # noqa: F401
from portal.staff.views import undo as _undo  # noqa: F401
from portal.staff.views import uploads as _uploads  # noqa: F401
from portal.staff.views import ways_in as _ways_in  # noqa: F401
from portal.staff.views.blueprint import staff

__all__ = ["staff"]
