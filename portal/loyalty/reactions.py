"""What points do about orders that changed."""
