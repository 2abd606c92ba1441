"""An import taken back, and brought in again."""
