"""Validation of addresses that a client may register: redirects, key addresses, origins, resources."""

import re
from typing import Final
from urllib.parse import urlsplit

PROXY_PATH: Final = "/_gerbang"
"""Path prefix under which the proxy in front of an agency's application forwards requests to this gateway."""

_LONGEST = 2000
_PLAIN = re.compile(r"[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+", re.ASCII)
"""Printable ASCII without characters that no address contains: space, quotation marks, backslash, caret, braces."""
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)
_USUAL_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_web_address(address: str) -> bool:
    """Whether this is an https address, or http on loopback; without user name, password or fragment."""
    parts = _read(address)
    if parts is None:
        return False
    scheme, host = parts
    return (scheme == "https" and bool(host)) or (scheme == "http" and host in _LOOPBACK)


def is_origin(address: str) -> bool:
    """Whether this is an origin as browsers send it: scheme, lower-case host, and the port if not the default."""
    parts = urlsplit(address) if is_web_address(address) else None
    if parts is None or parts.port == _USUAL_PORTS[parts.scheme] or "*" in address or address.endswith(":"):
        return False
    return address == f"{parts.scheme}://{parts.netloc.lower()}"


def origin_of(address: str) -> str:
    """Return the origin of a web address, as browsers send it."""
    parts = urlsplit(address)
    usual = f":{_USUAL_PORTS.get(parts.scheme)}"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"


def is_redirect(address: str, *, native: bool) -> bool:
    """Whether this may be a redirect address. Native apps may also use a private scheme, named like a domain."""
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
