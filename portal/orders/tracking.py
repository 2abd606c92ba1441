"""Whose parcel it is, read from its number, and the page of the carrier that knows where it is."""

import re
from typing import NamedTuple
from urllib.parse import quote

from portal.lib.refused import Refused
from portal.lib.text import _

#: What a tracking number may be made of; blanks and hyphens only group it.
_WRITTEN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z -]{3,60})[0-9A-Za-z]")

_PAGES = {
    "UPS": "https://www.ups.com/track?tracknum=%s",
    "Royal Mail": "https://www.royalmail.com/track-your-item#/tracking-results/%s",
    "DHL": "https://www.dhl.com/global-en/home/tracking.html?tracking-id=%s",
    "PostNL": "https://jouw.postnl.nl/track-and-trace/%s",
    "bpost": "https://track.bpost.cloud/btr/web/#/search?itemCode=%s&lang=en",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr=%s",
    "DPD": "https://tracking.dpd.de/status/en_GB/parcel/%s",
    "GLS": "https://gls-group.com/track/%s",
    "Evri": "https://www.evri.com/track/parcel/%s",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction?tLabels=%s",
    "Deutsche Post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode=%s",
    "La Poste": "https://www.laposte.fr/outils/suivre-vos-envois?code=%s",
    "An Post": "https://www.anpost.com/Post-Parcels/Track/History?item=%s",
    "Swiss Post": "https://service.post.ch/ekp-web/ui/entry/search/%s",
    "Canada Post": "https://www.canadapost-postescanada.ca/track-reperage/en#/resultList?searchFor=%s",
    "Australia Post": "https://auspost.com.au/mypost/track/#/details/%s",
}
_PATTERNS = (
    ("UPS", re.compile(r"1Z[0-9A-Z]{16}")),
    ("bpost", re.compile(r"3232\d{20}")),
    ("PostNL", re.compile(r"3S[0-9A-Z]{7,15}")),
    ("DHL", re.compile(r"0034\d{16}|JJD[0-9A-Z]{14,22}|JVGL\d{10,20}")),
    ("USPS", re.compile(r"9[1-5]\d{20}|9[1-5]\d{24}|420\d{5}9[1-5]\d{20}")),
    ("FedEx", re.compile(r"96\d{20}|\d{12}|\d{15}")),
    ("DPD", re.compile(r"\d{14}[0-9A-Z]?")),
    ("DHL", re.compile(r"\d{10}")),
)
#: The form every post office shares (UPU S10): two letters, nine digits, the country.
_POSTAL = re.compile(r"[A-Z]{2}\d{9}([A-Z]{2})")
_POSTS = {
    "GB": "Royal Mail",
    "BE": "bpost",
    "NL": "PostNL",
    "DE": "Deutsche Post",
    "US": "USPS",
    "FR": "La Poste",
    "IE": "An Post",
    "CH": "Swiss Post",
    "CA": "Canada Post",
    "AU": "Australia Post",
}
_BY_NAME = {"".join(c for c in name.casefold() if c.isalnum()): name for name in _PAGES}


class Parcel(NamedTuple):
    """A parcel as a person sees it: its number, its carrier ("" when unknown), its page or ""."""

    number: str
    carrier: str
    url: str


def parcel(number: str, carrier: str = "") -> Parcel:
    """The parcel with that number. A carrier that the shop names wins over the number's pattern.

    The address is always https, with the number quoted into it; anything that is no tracking
    number (a link, say) gets no address at all.
    """
    plain = re.sub(r"[\s-]", "", number).upper()
    if not (plain.isascii() and plain.isalnum()):
        return Parcel(number, carrier, "")
    known = _named(carrier) or ("" if carrier else _by_pattern(plain))
    url = _PAGES[known] % quote(plain, safe="") if known else ""
    return Parcel(number, known or carrier, url)


def clean_number(text: str) -> str:
    """A number that staff typed, blanks tidied; what is none is refused with a sentence."""
    number = " ".join(text.split())
    if not _WRITTEN.fullmatch(number) or not any(c.isdigit() for c in number):
        raise Refused(_("A tracking number has only letters, digits, blanks and hyphens."))
    return number


def _named(carrier: str) -> str:
    plain = "".join(c for c in carrier.casefold() if c.isalnum())
    if not plain:
        return ""
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    starts = [name for key, name in _BY_NAME.items() if plain.startswith(key)]
    return max(starts, key=len, default="")


def _by_pattern(plain: str) -> str:
    postal = _POSTAL.fullmatch(plain)
    if postal:
        return _POSTS.get(postal[1], "")
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(plain)), "")
