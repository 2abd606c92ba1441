"""Which order a payment's own words mean, where they can mean only one."""

import re

_NUMBER = r"([0-9][0-9A-Za-z]{0,20})"
_WORDS = re.compile(rf"(?:[^0-9#]*\border\b[^0-9#]{{0,12}}#?|#){_NUMBER}\.?", re.IGNORECASE)
_INVOICE = re.compile(rf"(?:[A-Za-z]{{1,10}}[-_ ])?#?{_NUMBER}")


def number_in(words: str) -> str:
    """The order's number in words such as `Fern & Kettle - Order #1001`; blank where none is."""
    found = _WORDS.fullmatch(words.strip())
    return found[1] if found else ""


def number_of_invoice(invoice: str) -> str:
    """The order's number in an invoice number such as `WC-777`; blank where it is another kind."""
    found = _INVOICE.fullmatch(invoice.strip())
    return found[1] if found else ""
