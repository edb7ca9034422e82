"""One TLS context for all httpx clients of the tests.

Each client that is made without one reads the bundle of certificates, which takes more CPU than most tests.
"""

import os
import ssl
from functools import lru_cache
from typing import Any

from httpx._transports import default

_make = default.create_ssl_context


@lru_cache(maxsize=8)
def _usual(_file: str | None, _folder: str | None, trust_env: bool) -> ssl.SSLContext:
    return _make(trust_env=trust_env)


def _context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    if verify is not True or cert is not None:
        return _make(verify=verify, cert=cert, trust_env=trust_env)
    return _usual(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), trust_env)


def share() -> None:
    """Let every client that verifies as usual use the same context."""
    default.create_ssl_context = _context
