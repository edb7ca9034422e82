"""The address of a client: the peer of the connection, or the address that a trusted proxy reports.

Each proxy appends the address of its peer to `X-Forwarded-For` on the right. The list is read from the right for as
long as the address is that of a trusted proxy; entries further left could be forged and are ignored.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_HOUSEHOLD_PREFIX = 64
"""The prefix length of one household: one IPv6 customer has 2⁶⁴ addresses, which count as one."""


def client_address(peer: str, forwarded_for: str, trusted: Collection[Network]) -> str:
    """The client's address: `peer`, or behind trusted proxies the last address in `forwarded_for` that is no proxy.

    `forwarded_for` is the header's value, several lines joined by commas. An entry that is no address ends the search:
    the proxy that wrote it is then the client. A `peer` that is no address (a socket file) is returned unchanged.
    """
    caller = _address(peer)
    if caller is None:
        return peer
    for entry in reversed(forwarded_for.split(",")):
        if not _is_in(caller, trusted):
            break
        address = _address(entry.strip())
        if address is None:
            break
        caller = address
    return str(caller)


def is_proxy(peer: str, trusted: Collection[Network]) -> bool:
    """Whether `peer` is the address of a trusted proxy."""
    address = _address(peer)
    return address is not None and _is_in(address, trusted)


def client_network(address: str) -> str:
    """The key of a client in limits: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _HOUSEHOLD_PREFIX), strict=False))
    return str(parsed) if parsed else address


def _address(text: str) -> Address | None:
    try:
        found = ip_address(_without_port(text))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _without_port(text: str) -> str:
    """Remove the port: some proxies write `[2001:db8::1]:4711` or `192.0.2.1:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_in(address: Address, networks: Collection[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
