"""Members: people, how they sign in, and everything that ever happened to them in one timeline."""

from portal.members import events as _events  # noqa: F401  (its kinds are needed by every record)
