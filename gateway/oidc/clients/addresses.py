"""Addresses that a client may name: where its people come back to, where its keys stand, which resource it is."""

import re
from typing import Final
from urllib.parse import urlsplit

PROXY_PATH: Final = "/_gerbang"
"""The path at which the proxy in front of an agency's application passes requests on to us."""

_LONGEST = 2000
_PLAIN = re.compile(r"[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+", re.ASCII)
"""Printable ASCII without what is never written in an address: space, quotation marks, backslash, caret, braces."""
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
_USUAL_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_web_address(address: str) -> bool:
    """Whether this is an https address, or http on loopback; without a name, a password or a fragment."""
    parts = _read(address)
    if parts is None:
        return False
    scheme, host = parts
    return (scheme == "https" and bool(host)) or (scheme == "http" and host in _LOOPBACK)


def is_origin(address: str) -> bool:
    """Whether this is a web address as browsers write it in `Origin`: scheme, host in small letters, and other port."""
    parts = urlsplit(address) if is_web_address(address) else None
    if parts is None or parts.port == _USUAL_PORTS[parts.scheme] or "*" in address or address.endswith(":"):
        return False
    return address == f"{parts.scheme}://{parts.netloc.lower()}"


def origin_of(address: str) -> str:
    """The origin of a web address, as browsers write it."""
    parts = urlsplit(address)
    usual = f":{_USUAL_PORTS.get(parts.scheme)}"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"


def is_redirect(address: str, *, native: bool) -> bool:
    """Whether people may be sent back here; native apps may have a scheme of their own, named like a domain."""
    parts = _read(address)
    return is_web_address(address) or (
        native and parts is not None and _PRIVATE_SCHEME.fullmatch(parts[0]) is not None and not parts[1]
    )


def _read(address: str) -> tuple[str, str] | None:
    if len(address) > _LONGEST or not _PLAIN.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.fragment or address.endswith("#") or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname or ""
