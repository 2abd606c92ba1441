"""People who are there twice: found, joined, parted again, and every step taken back."""
