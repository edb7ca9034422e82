"""The answers of the service: JSON declared as `text/html` (Q16), and XML for a submission."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from starlette.responses import Response

from simulators.lapor.store import Row
from simulators.lapor.topics import TOPICS

Json = dict[str, Any]

UNKNOWN_TOKEN: Final = "Token tidak dikenal"  # noqa: S105 - a message
NOT_FOUND: Final = "Data tidak ditemukan"
_HTML: Final = "text/html; charset=UTF-8"
_BUSY_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>LAPOR</title></head><body><h1>Terlalu banyak permintaan</h1>"
    b"<p>Silakan coba beberapa saat lagi.</p></body></html>\n"
)


def _html(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), media_type=_HTML)


def topics() -> Response:
    """Return the list of topics, without an envelope."""
    return _html([{"id": topic, "parent": parent, "topic_name": name} for topic, parent, name in TOPICS])


def refusal(why: str) -> Response:
    """Return a refusal, with status 200."""
    return _html({"status": "0", "pesan": why})


def page(number: int, length: int, total: int, rows: Sequence[Json]) -> Response:
    """Return one page of a list; numbers are texts."""
    counts = {"page": str(number), "totalpage": str(-(-total // length)), "total": str(total)}
    return _html({"status": "1", **counts, "data": list(rows)})


def one(row: Json) -> Response:
    """Return one report."""
    return _html({"status": "1", "data": row})


def busy(*, as_page: bool) -> Response:
    """Return "too many requests", in one of two forms (Q14)."""
    if as_page:
        return Response(_BUSY_PAGE, media_type=_HTML)
    return Response(b"Too Many Requests", 429, {"Retry-After": "60"}, "text/plain")


def submitted(elements: Mapping[str, str]) -> Response:
    """Return the answer to a submission."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<lapor>{inner}</lapor>\n'.encode(), media_type="text/xml")


def report(row: Row, answers: Sequence[Row]) -> Json:
    """Return a report without data of the reporter."""
    shown: Json = {name: value for name, value in row.items() if name != "nik"}
    return {**shown, "tanggapan": list(answers)}


def public(row: Row, answers: Sequence[Row], reporter: Row | None) -> Json:
    """Return a report of the public list: with the reporter's first name, unless they are anonymous."""
    name = "Anonim" if row["anonim"] == "1" or reporter is None else reporter["namadepan"]
    return {**report(row, answers), "nama_pelapor": name}


def own(row: Row, answers: Sequence[Row], reporter: Row | None) -> Json:
    """Return a report for its reporter."""
    return {**report(row, answers), "pelapor": reporter}
