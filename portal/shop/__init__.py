"""The shop itself: its name, look, time zone, currency and rules."""
