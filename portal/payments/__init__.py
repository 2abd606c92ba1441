"""Payments and refunds over all orders, and what was spent by month."""
