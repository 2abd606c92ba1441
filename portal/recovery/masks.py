"""An address as history may keep it: history is never erased, so it holds no whole address."""


def masked(address: str) -> str:
    """`c…@customers.example`: the first letter and the domain."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if domain and local else ""
