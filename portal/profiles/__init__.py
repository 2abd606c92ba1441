"""Profiles: what a member shows of themselves, and to whom."""
