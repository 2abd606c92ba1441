"""Data in: a shop's own export files become members, orders, payments and products."""
