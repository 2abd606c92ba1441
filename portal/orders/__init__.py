"""Orders: what was bought, where it is, and a total that visibly adds up."""
