"""Which addresses of the wall anyone may be shown. Pure.

The wall leaks what lies behind it: the recorders' internal addresses, and keys that stand in the query. So an address
is shown only when it is one of the wall's own origin, or of a public host over https, and holds nothing but a path.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_PATH: Final = re.compile(r"/[!-\[\]-~]*", re.ASCII)
_INSIDE: Final = (".local", ".internal", ".lan", ".intranet", ".localhost", ".home", ".corp", ".arpa")


def shown(written: str | None, origin: str) -> str | None:
    """The whole address, when anyone may see it; None when there is none, or nobody may."""
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
    """The path of an address that is shown, when it is one of the wall's own origin; None otherwise."""
    prefix = f"{origin}/"
    return address.removeprefix(origin) if address is not None and address.startswith(prefix) else None


def _bare(address: SplitResult) -> bool:
    """Nothing but a path: no user, no query, no fragment, nothing that steps out of it."""
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
