"""Products: what the shop sells, known by its SKU."""
