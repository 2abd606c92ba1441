"""Data out: members, orders, lines, payments and points as files that come in again unchanged."""
