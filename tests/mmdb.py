"""A small file in MaxMind's format (search tree, data, metadata), as `GEO_DATABASE` names one."""

from ipaddress import IPv4Network, ip_network
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"


def write(networks: dict[str, dict[str, Any]], *, version: int = 6) -> bytes:
    """The whole file: records by their network. IPv4 lies at ::/96 of a tree of version 6."""
    tree = _Tree()
    for network, record in networks.items():
        tree.add(_bits(network, version), record)
    return tree.written() + bytes(16) + tree.data + MARKER + _encoded(_about(tree, version))


def place(city: str, country: str) -> dict[str, Any]:
    """A record as the city databases have them."""
    found: dict[str, Any] = {"country": {"iso_code": "XX", "names": {"en": country}}}
    if city:
        found["city"] = {"names": {"de": f"{city} (de)", "en": city}}
    return found


class _Tree:
    """Nodes of two sides: a side is nothing, another node, or a place in the data."""

    def __init__(self) -> None:
        self.nodes: list[list[tuple[str, int] | None]] = [[None, None]]
        self.data = b""

    def add(self, bits: str, record: dict[str, Any]) -> None:
        node = 0
        for bit in bits[:-1]:
            side = self.nodes[node][int(bit)]
            if side is None:
                self.nodes.append([None, None])
                side = self.nodes[node][int(bit)] = ("node", len(self.nodes) - 1)
            node = side[1]
        self.nodes[node][int(bits[-1])] = ("data", len(self.data))
        self.data += _encoded(record)

    def written(self) -> bytes:
        """Each node is two numbers of 24 bits."""
        return b"".join(self._number(side).to_bytes(3, "big") for n in self.nodes for side in n)

    def _number(self, side: tuple[str, int] | None) -> int:
        count = len(self.nodes)
        if side is None:
            return count
        return side[1] if side[0] == "node" else count + 16 + side[1]


def _bits(network: str, version: int) -> str:
    net = ip_network(network)
    width = net.max_prefixlen
    bits = f"{int(net.network_address):0{width}b}"[: net.prefixlen]
    return "0" * 96 + bits if version == 6 and isinstance(net, IPv4Network) else bits


def _about(tree: _Tree, version: int) -> dict[str, Any]:
    return {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_700_000_000,
        "database_type": "Test-City",
        "description": {"en": "Places for tests"},
        "ip_version": version,
        "languages": ["en"],
        "node_count": len(tree.nodes),
        "record_size": 24,
    }


def _encoded(value: Any) -> bytes:
    """A value of the data section: its type and size, then itself."""
    if isinstance(value, str):
        raw = value.encode()
        return _control(2, len(raw)) + raw
    if isinstance(value, dict):
        inner = b"".join(_encoded(key) + _encoded(item) for key, item in value.items())
        return _control(7, len(value)) + inner
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    raw = value.to_bytes(8, "big").lstrip(b"\0")
    return _control(9, len(raw)) + raw


def _control(kind: int, size: int) -> bytes:
    """Kinds above 7 stand in a byte of their own; sizes from 29 to 284 as well."""
    low, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind <= 7:
        return bytes([kind << 5 | low]) + more
    return bytes([low, kind - 7]) + more
