"""The demo shop: a tea shop that never was, with six years of customers."""
