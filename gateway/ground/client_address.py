"""The address that a request came from: the connection's own, or what a proxy that we trust says of it.

`X-Forwarded-For` is a list to which every proxy adds whom it heard from, at the right. It is read from the right for as
long as the speaker is trusted; what stands further left was written by somebody unknown and counts for nothing.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_ONE_HOUSEHOLD = 64
"""Whoever has one IPv6 address has 2⁶⁴ of them: they count as one."""


def client_address(peer: str, forwarded_for: str, trusted: Collection[Network]) -> str:
    """Who is calling: `peer`, or behind trusted proxies the nearest address in `forwarded_for` that is not theirs.

    `forwarded_for` is the header's value, several lines joined by commas. What is no address ends the reading: the
    proxy that wrote it is then the caller. A `peer` that is no address (a socket file) is given back as it is.
    """
    caller = _address(peer)
    if caller is None:
        return peer
    for said in reversed(forwarded_for.split(",")):
        if not _is_in(caller, trusted):
            break
        further = _address(said.strip())
        if further is None:
            break
        caller = further
    return str(caller)


def is_proxy(peer: str, trusted: Collection[Network]) -> bool:
    """Whether `peer` is the address of a proxy that we trust."""
    address = _address(peer)
    return address is not None and _is_in(address, trusted)


def neighbourhood(address: str) -> str:
    """What counts as one caller in limits: an IPv4 address, or the /64 of an IPv6 address."""
    known = _address(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, _ONE_HOUSEHOLD), strict=False))
    return str(known) if known else address


def _address(text: str) -> Address | None:
    try:
        found = ip_address(_without_port(text))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _without_port(text: str) -> str:
    """Some proxies write `[2001:db8::1]:4711` or `192.0.2.1:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_in(address: Address, networks: Collection[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
