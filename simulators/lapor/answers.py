"""How the service answers: JSON that it calls `text/html` (Q16), and for a submission XML."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from starlette.responses import Response

from simulators.lapor.store import Row
from simulators.lapor.topics import TOPICS

Json = dict[str, Any]

NOT_ONE_OF_OURS: Final = "Token tidak dikenal"
NOT_FOUND: Final = "Data tidak ditemukan"
_HTML: Final = "text/html; charset=UTF-8"
_BUSY_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>LAPOR</title></head><body><h1>Terlalu banyak permintaan</h1>"
    b"<p>Silakan coba beberapa saat lagi.</p></body></html>\n"
)


def _html(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), media_type=_HTML)


def topics() -> Response:
    """The bare list of topics."""
    return _html([{"id": topic, "parent": parent, "topic_name": name} for topic, parent, name in TOPICS])


def refusal(why: str) -> Response:
    """A refusal, with status 200."""
    return _html({"status": "0", "pesan": why})


def page(number: int, length: int, total: int, rows: Sequence[Json]) -> Response:
    """One page of a list; numbers are texts."""
    counts = {"page": str(number), "totalpage": str(-(-total // length)), "total": str(total)}
    return _html({"status": "1", **counts, "data": list(rows)})


def one(row: Json) -> Response:
    """One report."""
    return _html({"status": "1", "data": row})


def busy(*, as_page: bool) -> Response:
    """Too many requests, said in one of two ways (Q14)."""
    if as_page:
        return Response(_BUSY_PAGE, media_type=_HTML)
    return Response(b"Too Many Requests", 429, {"Retry-After": "60"}, "text/plain")


def submitted(elements: Mapping[str, str]) -> Response:
    """The answer to a submission."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<lapor>{inner}</lapor>\n'.encode(), media_type="text/xml")


def report(row: Row, answers: Sequence[Row]) -> Json:
    """A report as everybody with a token sees it: nothing of the reporter."""
    shown: Json = {name: value for name, value in row.items() if name != "nik"}
    return {**shown, "tanggapan": list(answers)}


def public(row: Row, answers: Sequence[Row], reporter: Row | None) -> Json:
    """A report as the public list has it: with the reporter's first name, unless they asked to stay unknown."""
    name = "Anonim" if row["anonim"] == "1" or reporter is None else reporter["namadepan"]
    return {**report(row, answers), "nama_pelapor": name}


def own(row: Row, answers: Sequence[Row], reporter: Row | None) -> Json:
    """A report as its reporter sees it."""
    return {**report(row, answers), "pelapor": reporter}
