"""Six years of trade: who ordered what, when, and what became of it."""

from bisect import bisect
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from portal.demo.catalogue import Product
from portal.demo.fate import settle
from portal.demo.people import Person
from portal.demo.sale import Line, Order

DAYS = 6 * 365 + 24
# Tea sells in the cold months; January to December.
MONTHS = (1.15, 1.0, 0.95, 0.9, 0.85, 0.75, 0.65, 0.7, 0.95, 1.15, 1.6, 1.95)
HOURS = (0,) * 7 + (2, 4, 5, 6, 6, 7, 6, 5, 5, 6, 7, 8, 10, 12, 11, 7, 3)
SHIPPING = {"BE": (490, 9000), "NL": (590, 9000), "FR": (890, 12000), "DE": (890, 12000)}
SHIPPING["GB"] = (750, 10000)
QUANTITIES, OFTEN = (1, 2, 3, 6), (76, 17, 5, 2)
CODES = (("WELCOME10", 10), ("TEACLUB15", 15), ("SPRING5", 0), ("FRIEND20", 20))
METHODS = {
    "BE": (("bancontact", 55), ("visa", 18), ("mastercard", 14), ("paypal", 10), ("bank", 3)),
    "NL": (("ideal", 70), ("visa", 10), ("mastercard", 8), ("paypal", 12)),
    "GB": (("visa", 52), ("mastercard", 28), ("paypal", 14), ("amex", 6)),
    "FR": (("visa", 50), ("mastercard", 35), ("paypal", 15)),
    "DE": (("paypal", 55), ("visa", 18), ("mastercard", 17), ("bank", 10)),
    "": (("cash", 45), ("bancontact", 55)),
}


class Trade:
    """Everything that is sold up to the evening before `today`."""

    def __init__(self, today: date, people: list[Person], range_: list[Product], rng: Random):
        self.today, self.people, self.range, self.rng = today, people, range_, rng
        self.first_day = today - timedelta(days=DAYS)
        # The shop grew: a day now counts four times a day then.
        self.busy = list(
            accumulate(
                (1 + 3 * n / DAYS) * MONTHS[(self.first_day + timedelta(days=n)).month - 1]
                for n in range(DAYS)
            )
        )
        # Some things everybody buys, most things few people do.
        self.popular = list(accumulate(1 / (rank + 6) ** 0.75 for rank in range(len(range_))))
        self.unsold = list(reversed(range_))

    def orders(self, count: int) -> list[Order]:
        """`count` orders by time, numbered from 1001."""
        walk_ins = count // 50
        hero_orders = min(60, max(3, count // 40))
        shares = self._shares(count - walk_ins - hero_orders)
        orders = self._hero_orders(hero_orders)
        for person, share in zip(self.people[1:], shares, strict=True):
            orders += self._orders_of(person, share)
        orders += [self._walk_in(n) for n in range(walk_ins)]
        orders.sort(key=lambda order: order.placed_at)
        for order in orders[-5:-1:2]:
            # A transfer of yesterday has not arrived yet.
            if order.person and order.person is not self.people[0]:
                order.method = "bank"
        order_id = 5_200_000_000_000
        for position, order in enumerate(orders):
            order_id += self.rng.randint(20_000, 400_000)
            order.number, order.order_id = 1001 + position, order_id
            if position % 997 == 500:
                order.unexplained = self.rng.choice((250, 100, 1, -1, 500))
            settle(order, self.today, self.rng)
        return orders

    def _shares(self, count: int) -> list[int]:
        """How many orders each person has: some none, most a few, some very many."""
        weights = [
            0 if self.rng.random() < 0.07 else min(self.rng.paretovariate(1.1), 14)
            for _ in self.people[1:]
        ]
        shares = [0] * len(weights)
        for position in [n for n, weight in enumerate(weights) if weight][:count]:
            shares[position] = 1
        for position in self.rng.choices(range(len(weights)), weights, k=count - sum(shares)):
            shares[position] += 1
        return shares

    def _orders_of(self, person: Person, count: int) -> list[Order]:
        usual = [self._pick() for _ in range(self.rng.randint(2, 6))]
        start = self.rng.random() ** 1.4 * max(0.05, 0.92 - count / 50) * self.busy[-1]
        # One in four stopped coming at some time.
        end = self.busy[-1] if self.rng.random() < 0.75 else self.rng.uniform(start, self.busy[-1])
        days = sorted(bisect(self.busy, self.rng.uniform(start, end)) for _ in range(count))
        return [self._order(person, self._moment(min(day, DAYS - 1)), usual) for day in days]

    def _hero_orders(self, count: int) -> list[Order]:
        """Every five or six weeks for six years; the last one left the shop yesterday."""
        hero, favourites = self.people[0], self.range[:6]
        step = (DAYS - 40) / (count - 1)
        usual = [favourites[0], favourites[0], favourites[4], favourites[5]]
        days = [3 + round(step * n + self.rng.uniform(-4, 4)) for n in range(count - 1)]
        orders = [self._order(hero, self._moment(day), usual) for day in days]
        last = self._order(hero, datetime.combine(self.today - timedelta(2), time(20, 14)), usual)
        last.lines = [Line(p, 1, p.price("EUR", 0)) for p in favourites[:2]]
        last.method, last.discount_code, last.discount, last.shipping = "visa", "", 0, 490
        # Once a canister came back, so that the account has a refund to show.
        back = orders[-2]
        back.lines, back.method = (
            [Line(favourites[2], 1, favourites[2].price("EUR", 0))],
            "bancontact",
        )
        back.discount_code, back.discount, back.shipping = "", 0, 490
        return [*orders, last]

    def _walk_in(self, position: int) -> Order:
        """A sale over the counter, with nobody's address on it."""
        order = self._order(
            None, self._moment(bisect(self.busy, self.rng.uniform(0, self.busy[-1]))), []
        )
        order.placed_at = order.placed_at.replace(hour=10 + position % 8)
        return order

    def _moment(self, day: int) -> datetime:
        hour = self.rng.choices(range(24), HOURS)[0]
        return datetime.combine(
            self.first_day + timedelta(days=min(day, DAYS - 1)),
            time(hour, self.rng.randrange(60), self.rng.randrange(60)),
        )

    def _pick(self) -> Product:
        return self.range[bisect(self.popular, self.rng.uniform(0, self.popular[-1]))]

    def _order(self, person: Person | None, placed_at: datetime, usual: list[Product]) -> Order:
        rng = self.rng
        currency = person.currency if person else "EUR"
        years = (self.today - placed_at.date()).days // 365
        chosen: dict[str, Product] = {}
        for _ in range(rng.choices((1, 2, 3, 4), (34, 34, 20, 12))[0]):
            product = rng.choice(usual) if usual and rng.random() < 0.62 else self._pick()
            chosen[product.sku] = product
        if len(chosen) == 1 and self.unsold:
            product = self.unsold.pop()
            chosen[product.sku] = product
        lines = [
            Line(
                product,
                rng.choices((1, 2, 3, 6), (76, 17, 5, 2))[0],
                product.price(currency, years),
            )
            for product in chosen.values()
        ]
        country = person.country if person else ""
        methods, shares = zip(*METHODS[country], strict=True)
        order = Order(person, placed_at, lines, currency, rng.choices(methods, shares)[0])
        if person:
            self._price(order, country)
        return order

    def _price(self, order: Order, country: str) -> None:
        rng = self.rng
        value = order.subtotal
        if rng.random() < 0.11:
            order.discount_code, percent = rng.choice(CODES)
            order.discount = round(value * percent / 100) if percent else min(500, value)
        rate, free_from = SHIPPING[country]
        order.shipping = 0 if order.subtotal >= free_from else rate
        if country == "GB":
            # Tea is zero-rated in the United Kingdom, teapots are not; VAT is added on top there.
            rated = sum(line.total for line in order.lines if line.product.standard_rated)
            order.taxes = round(rated * (1 - order.discount / max(value, 1)) * 0.2)
