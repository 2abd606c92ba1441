"""Addresses as they are shown before somebody is opened: enough to tell people apart, no more."""


def mask_email(address: str) -> str:
    """`c…@customers.example`: the first letter and the domain."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if domain and local else ""


def mask_phone(number: str) -> str:
    """`… 678`: the last three digits."""
    digits = "".join(c for c in number if c.isdigit())
    return f"… {digits[-3:]}" if len(digits) >= 7 else ""
