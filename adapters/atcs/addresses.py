"""Selection of the camera addresses that may be published. Pure.

The wall exposes the recorders' internal addresses, and keys in queries. So an address is published only if it belongs
to the wall's own origin, or to a public host over https, and consists of a path only.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_PATH: Final = re.compile(r"/[!-\[\]-~]*", re.ASCII)
_INSIDE: Final = (".local", ".internal", ".lan", ".intranet", ".localhost", ".home", ".corp", ".arpa")


def shown(written: str | None, origin: str) -> str | None:
    """Return the absolute address if it may be published; otherwise None."""
    if not written or not written.strip() or not origin:
        return None
    try:
        address = urlsplit(urljoin(f"{origin}/", written.strip()))
        own = (address.scheme, address.netloc) == urlsplit(origin)[:2]
        fit = _bare(address) and (own or _public(address))
    except ValueError:
        return None
    return address.geturl() if fit else None


def path_on(address: str | None, origin: str) -> str | None:
    """Return the path of a published address on the wall's own origin; None for another origin."""
    prefix = f"{origin}/"
    return address.removeprefix(origin) if address is not None and address.startswith(prefix) else None


def _bare(address: SplitResult) -> bool:
    """Return whether the address has a path only: no user, no query, no fragment, no parent segments."""
    nothing_more = not (address.query or address.fragment or "@" in address.netloc or ".." in address.path)
    return nothing_more and _PATH.fullmatch(address.path) is not None


def _public(address: SplitResult) -> bool:
    host = (address.hostname or "").lower()
    if address.scheme != "https" or address.port not in (None, 443) or host.endswith(_INSIDE):
        return False
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return False
