"""The desk: one blueprint behind one guard."""

from portal.staff.views.blueprint import staff

__all__ = ["staff"]
