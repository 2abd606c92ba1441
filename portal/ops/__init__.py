"""Running the shop: serve, migrate, back up, restore, verify."""
