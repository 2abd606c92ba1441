"""Ways back: a changed address, a closed account, "this was not me", and getting back in."""
