"""Payments and refunds: settled with their order, loose, waiting, kept for the books."""
