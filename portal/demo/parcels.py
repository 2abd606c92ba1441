"""Tracking numbers as each carrier writes them, check digits included."""

from random import Random

# Carrier and how many of a hundred parcels to that country it takes.
CARRIERS = {
    "BE": (("bpost", 76), ("PostNL", 18), ("DHL", 6)),
    "NL": (("PostNL", 82), ("DHL", 18)),
    "GB": (("Royal Mail", 84), ("UPS", 16)),
    "FR": (("bpost international", 60), ("UPS", 25), ("DHL", 15)),
    "DE": (("DHL", 85), ("UPS", 15)),
}


def parcel(country: str, rng: Random) -> tuple[str, str]:
    """Carrier and tracking number of one parcel to that country."""
    carriers, shares = zip(*CARRIERS[country], strict=True)
    carrier = rng.choices(carriers, shares)[0]
    return carrier.removesuffix(" international"), _NUMBERS[carrier](rng)


def _digits(count: int, rng: Random) -> str:
    return f"{rng.randrange(10**count):0{count}d}"


def _bpost(rng: Random) -> str:
    return "3232" + _digits(20, rng)


def _postnl(rng: Random) -> str:
    return "3SFEKE" + _digits(9, rng)


def _dhl(rng: Random) -> str:
    """Twenty digits that end in the GS1 check digit: weights 3 and 1 from the right."""
    body = "00340434" + _digits(11, rng)
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def _ups(rng: Random) -> str:
    """1Z, shipper, service, parcel, check digit: a letter counts as its place + 1, modulo 10."""
    body = "4W8E27" + rng.choice(("68", "04")) + _digits(7, rng)
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in body]
    return f"1Z{body}{-(sum(values[::2]) + 2 * sum(values[1::2])) % 10}"


def _postal_union(prefix: str, country: str, rng: Random) -> str:
    """Two letters, eight digits, check digit, country: the form every post office shares (S10)."""
    body = _digits(8, rng)
    return f"{prefix}{body}{postal_check_digit(body)}{country}"


def postal_check_digit(body: str) -> int:
    """The ninth digit of an S10 number from its eight others."""
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    rest = 11 - sum(int(d) * weight for d, weight in zip(body, weights, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def _royal_mail(rng: Random) -> str:
    return _postal_union(rng.choice(("QG", "KF", "WB")), "GB", rng)


def _bpost_abroad(rng: Random) -> str:
    return _postal_union("CE", "BE", rng)


_NUMBERS = {
    "bpost": _bpost,
    "bpost international": _bpost_abroad,
    "PostNL": _postnl,
    "DHL": _dhl,
    "UPS": _ups,
    "Royal Mail": _royal_mail,
}
