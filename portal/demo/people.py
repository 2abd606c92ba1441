"""Who buys at Fern & Kettle: invented people, all of them at example addresses."""

import unicodedata
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from portal.demo import names

COUNTRIES = {"BE": 52, "GB": 19, "NL": 16, "FR": 7, "DE": 6}
# Ranges set aside for fiction where the country has one; elsewhere numbers nobody was given.
PHONES = {
    "BE": ("+3246800", 4),
    "NL": ("+3161000", 4),
    "GB": ("+447700900", 3),
    "FR": ("+33639980", 3),
    "DE": ("+49176040690", 2),
}
TWICE = 250  # each 250th customer is the one before them once more
HERO_EMAIL = "lotte.vermeulen@example.com"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and their default address; `email` or `phone` may be empty, not both."""

    customer_id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    accepts_email: bool
    accepts_sms: bool
    company: str
    address1: str
    address2: str
    city: str
    zip: str
    province_code: str
    province: str
    country: str
    note: str
    tags: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def currency(self) -> str:
        return "GBP" if self.country == "GB" else "EUR"


def people(members: int, rng: Random) -> list[Person]:
    """The hero, then everybody else; about one in forty has a telephone and no e-mail address."""
    phones = {country: _numbers(country, rng) for country in PHONES}
    taken: set[str] = set()
    everybody = [_person(index, phones, taken, rng) for index in range(members)]
    for index in range(TWICE - 1, members, TWICE):
        everybody[index] = _twice(everybody[index - 1], everybody[index])
    return everybody


def _twice(person: Person, other: Person) -> Person:
    """The same person once more, as shops have them: another customer id, another address."""
    initial, last = _ascii(person.first_name)[:1], _ascii(person.last_name)
    email = f"{initial}.{last}@example.{'net' if person.email.endswith('org') else 'org'}"
    return replace(person, customer_id=other.customer_id, email=email, phone="", note="", tags="")


def _numbers(country: str, rng: Random) -> list[str]:
    stem, digits = PHONES[country]
    return [f"{stem}{n:0{digits}d}" for n in rng.sample(range(10**digits), 10**digits)]


def _person(index: int, phones: dict[str, list[str]], taken: set[str], rng: Random) -> Person:
    country, first, last, local = _named(index, rng)
    with_phone = rng.random() < 0.55
    phone_only = index > 1 and index % 40 == 7
    phone = phones[country].pop() if (with_phone or phone_only) and phones[country] else ""
    email = "" if phone_only and phone else _address(local, taken, rng)
    street = _street(country, rng)
    city, zip_code, code, province = rng.choice(names.TOWNS[country].split("|")).split(":")
    if index == 0:
        street, city, zip_code = "Onderbergen 41", "Gent", "9000"
    company = rng.choice(names.COMPANIES) if index and rng.random() < 0.03 else ""
    tags = [tag for tag, share in (("newsletter", 0.3), ("tea club", 0.06)) if rng.random() < share]
    if company:
        tags.append("wholesale")
    return Person(
        customer_id=6_100_000_000_000 + index * 32_768 + rng.randrange(32_768),
        first_name=first,
        last_name=last,
        email=email,
        phone=phone,
        accepts_email="newsletter" in tags and bool(email),
        accepts_sms=bool(phone) and rng.random() < 0.08,
        company=company,
        address1=street,
        address2=rng.choice(("Bus 3", "2nd floor", "c/o Maes"))
        if index and rng.random() < 0.08
        else "",
        city=city,
        zip=zip_code,
        province_code=code,
        province=province,
        country=country,
        note=rng.choice(names.ABOUT) if index and rng.random() < 0.03 else "",
        tags=", ".join(tags),
    )


def _named(index: int, rng: Random) -> tuple[str, str, str, str]:
    """Country, first name, last name and the part of the e-mail address before the @."""
    if index == 0:
        return "BE", "Lotte", "Vermeulen", "lotte.vermeulen"
    country = rng.choices(list(COUNTRIES), cum_weights=list(accumulate(COUNTRIES.values())))[0]
    if index % 60 == 59:
        first, last, local = names.FROM_FURTHER[index // 60 % len(names.FROM_FURTHER)]
        return country, first, last, local
    first = rng.choice(names.FIRST_NAMES[country].split())
    last = rng.choice(names.LAST_NAMES[country].split()).replace("_", " ")
    return country, first, last, f"{_ascii(first)}.{_ascii(last)}"


def _ascii(name: str) -> str:
    plain = name.lower().replace("ß", "ss").replace("ı", "i").replace("ø", "o")
    folded = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in folded if c.isascii() and (c.isalnum() or c == "-"))


def _address(local: str, taken: set[str], rng: Random) -> str:
    wanted, number = local, 1
    while wanted in taken:
        number += 1
        wanted = f"{local}{number}"
    taken.add(wanted)
    if local == "lotte.vermeulen" and number == 1:
        return HERO_EMAIL
    return f"{wanted}@example.{rng.choice(('com', 'org', 'net'))}"


def _street(country: str, rng: Random) -> str:
    street, number = rng.choice(names.STREETS[country].split("|")), rng.randint(1, 240)
    return f"{number} {street}" if country in ("GB", "FR") else f"{street} {number}"
