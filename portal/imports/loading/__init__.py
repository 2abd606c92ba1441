"""Records into the database: people, goods, orders, and the journal of what was done."""
