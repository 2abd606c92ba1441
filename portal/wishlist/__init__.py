"""Saved things: one list for each member."""
