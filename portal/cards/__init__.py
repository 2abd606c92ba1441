"""The member card: a number to show at the till, on paper, and kept on a device without a net."""
