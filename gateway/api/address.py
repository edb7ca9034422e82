"""The address that was asked for, written so that it can stand in any header whatever bytes a caller has sent."""

from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import URL

_PATH: Final = "/-._~!$&'()*+,;=:@"
_QUERY: Final = _PATH + "?%"
"""What may stand in a query as it is (RFC 3986, section 3.4), and the sign of what is written another way already."""


def address_of(request: Request) -> URL:
    """The path and the query, without the host, in ASCII alone.

    Not `request.url`, which fails where a query is not UTF-8. A byte that is not ASCII is the character of Latin-1, as
    it is where the parameters are read: so whoever follows a link of ours asks the same question again.
    """
    path = quote(request.scope["path"], safe=_PATH, errors="replace")
    query = quote(request.scope["query_string"].decode("latin-1"), safe=_QUERY)
    return URL(f"{path}?{query}" if query else path)
