"""What looks odd about accounts, and what the shop's staff decide about them."""
