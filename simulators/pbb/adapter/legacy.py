"""Asks the old application for the notices of one taxpayer."""

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
    """The old application at this address, asked with its own key: `legacy(nik, year)`, the year empty for all."""

    def notices(nik: str, year: str) -> list[Row]:
        form = urlencode({"kunci": key, "nik": nik, "tahun": year}).encode()
        try:
            with _OPENER.open(Request(url, form), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - configured address
                said = json.loads(answer.read(LARGEST))
        except (URLError, OSError):
            raise Refusal(503, "system-away", "The system does not answer", retry_after=5) from None
        except ValueError:
            raise Refusal(502, "system-malformed", "The system's answer is no JSON") from None
        return _rows(said)

    return notices


def _rows(said: object) -> list[Row]:
    """The rows, if the code in the body says that there are any: the status is 200 whatever happens (Q04)."""
    code = said.get("message_code") if isinstance(said, dict) else None
    if code == NOT_FOUND:
        return []
    rows = said.get("data") if isinstance(said, dict) else None
    if code != FOUND or not isinstance(rows, list):
        raise Refusal(503, "system-refuses", "The system refuses the adapter, or answers something unknown")
    return [row for row in rows if isinstance(row, dict)]
