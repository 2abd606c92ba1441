"""Points: earned by orders, owed back by refunds, turned into vouchers, every one explained."""
