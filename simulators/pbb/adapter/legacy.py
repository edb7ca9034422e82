"""The client of the old application: fetches the notices of one taxpayer."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from simulators.pbb.adapter.protocol import Refusal

FOUND = 200
NOT_FOUND = 101
TIMEOUT_SECONDS = 4
LARGEST = 1_000_000

Row = dict[str, Any]
Legacy = Callable[[str, str], list[Row]]

_OPENER = build_opener(ProxyHandler({}))


def legacy_at(url: str, key: str) -> Legacy:
    """Return a client of the old application: `legacy(nik, year)`; an empty year means all years."""

    def notices(nik: str, year: str) -> list[Row]:
        form = urlencode({"kunci": key, "nik": nik, "tahun": year}).encode()
        try:
            with _OPENER.open(Request(url, form), timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - configured address
                answer = json.loads(response.read(LARGEST))
        except (URLError, OSError):
            raise Refusal(503, "system-away", "The system does not answer", retry_after=5) from None
        except ValueError:
            raise Refusal(502, "system-malformed", "The system's answer is no JSON") from None
        return _rows(answer)

    return notices


def _rows(answer: object) -> list[Row]:
    """Return the rows if the code in the body reports success: the status is always 200 (Q04)."""
    code = answer.get("message_code") if isinstance(answer, dict) else None
    if code == NOT_FOUND:
        return []
    rows = answer.get("data") if isinstance(answer, dict) else None
    if code != FOUND or not isinstance(rows, list):
        raise Refusal(503, "system-refuses", "The system refuses the adapter, or its answer is unknown")
    return [row for row in rows if isinstance(row, dict)]
