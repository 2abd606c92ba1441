"""What every domain stands on; nothing here knows what a member is."""
