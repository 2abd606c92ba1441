"""The dashboard: the whole account at a glance."""
