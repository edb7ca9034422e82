"""Map the old application's notices to canonical bills: the only module that differs between systems."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from simulators.pbb.adapter.legacy import Legacy, Row
from simulators.pbb.adapter.protocol import Handler, Refusal, Routes

PAGE = 10
DESCRIPTION: dict[str, Any] = {
    "protocol": "1",
    "id": "pbb",
    "agency": "bpkpad",
    "title": {"id": "PBB-P2: tagihan Pajak Bumi dan Bangunan", "en": "PBB-P2: bills of land and building tax"},
    "version": "1.0.0",
    "contact": "Badan Pengelolaan Keuangan, Pendapatan dan Aset Daerah Kota Banjarmasin",
    "assumed": True,
    "limits": {"concurrent": 4, "slowest_seconds": 5, "per_minute": 600, "max_items": 200},
    "needs": ["nik"],
    "reads": [{"resource": "bill", "way": "ask", "pushes": ["year"], "max_bytes": 200_000}],
    "writes": [],
}
KIND = {
    "scheme": "bill-kind",
    "code": "land-and-building-tax",
    "text": {"id": "Pajak Bumi dan Bangunan (PBB-P2)", "en": "Land and building tax"},
}

_STATUS = {"0": "unpaid", "1": "paid", "2": "cancelled"}
_ZERO_DATE = "00-00-0000"
_LONGEST_SUM = 18
_POINTS = re.compile(r"\d{1,3}(?:\.\d{3})*|\d+", re.ASCII)
_COMMAS = re.compile(r"\d{1,3}(?:,\d{3})*|\d+", re.ASCII)
_DATE = re.compile(r"(\d\d)-(\d\d)-(\d{4})", re.ASCII)
_REGION = re.compile(r"(\d\d)(\d\d)(\d\d)(\d{4})", re.ASCII)
_NIK = re.compile(r"\d{16}", re.ASCII)
_YEAR = re.compile(r"[12]\d{3}", re.ASCII)
_MARK = re.compile(r"\d{1,6}", re.ASCII)

Doubts = list[dict[str, str]]


def routes(legacy: Legacy, today: Callable[[], date]) -> Routes:
    """Return the handlers of this adapter."""
    return {
        ("GET", "/adapter"): lambda _message: DESCRIPTION,
        ("GET", "/probe"): _probe(legacy),
        ("POST", "/reads/bill/ask"): _ask(legacy, today),
    }


def _probe(legacy: Legacy) -> Handler:
    def probe(_message: dict[str, Any]) -> dict[str, Any]:
        legacy("0000000000000000", "")
        return {"ready": True}

    return probe


def _ask(legacy: Legacy, today: Callable[[], date]) -> Handler:
    def ask(message: dict[str, Any]) -> dict[str, Any]:
        subject, query = message.get("subject"), message.get("query")
        nik = subject.get("nik") if isinstance(subject, dict) else None
        year = query.get("year") if isinstance(query, dict) else None
        if not isinstance(nik, str) or not nik:
            raise Refusal(422, "subject", "Bills need the taxpayer's NIK")
        if year is not None and not isinstance(year, int):
            raise Refusal(422, "query", "A year is a number")
        start = _start(message.get("mark"))
        rows = legacy(nik, "" if year is None else str(year))
        items = [bill(row, today()) for row in rows[start : start + PAGE]]
        more = start + PAGE < len(rows)
        return {"items": items, "as_of": None, "next": str(start + PAGE) if more else None}

    return ask


def _start(mark: object) -> int:
    if mark is None:
        return 0
    if not isinstance(mark, str) or not _MARK.fullmatch(mark):
        raise Refusal(422, "mark", "This mark is unknown")
    return int(mark)


def bill(row: Row, today: date) -> dict[str, Any]:
    """Return one notice as an item of the protocol, with its doubts; a bad item without number or year."""
    column = {name: str(value or "").strip() for name, value in row.items()}
    number, year = re.sub(r"\D", "", column.get("NOP", "")), column.get("THN_PAJAK_SPPT", "")
    if not number or not _YEAR.fullmatch(year):
        return {"bad": "no-number-or-year"}
    doubts: Doubts = []
    due_on = _date(column.get("TGL_JATUH_TEMPO_SPPT", ""), "/due_on", doubts)
    status = _status(column.get("STATUS_PEMBAYARAN_SPPT", ""), due_on, today, doubts)
    paid_on = _date(column.get("TGL_PEMBAYARAN_SPPT", ""), "/paid_on", doubts) if status == "paid" else None
    amount = _money(_POINTS, column.get("PBB_YG_HARUS_DIBAYAR_SPPT", ""), "/amount", doubts)
    penalty = _money(_COMMAS, column.get("DENDA", ""), "/penalty", doubts)
    body = {
        "kind": KIND,
        "object": {"number": number, "address": _address(column, doubts)},
        "period": {"start": year, "end": year},
        "amount": amount,
        "penalty": penalty,
        "total_due": _total(amount, penalty),
        "due_on": due_on,
        "paid_on": paid_on,
        "status": status,
        "agency": {"id": "bpkpad"},
        "payer": {"name": column.get("NM_WP_SPPT") or None, "identifiers": _nik(column.get("NIK_WP", ""), doubts)},
    }
    return {"key": f"{number}-{year}", "body": body, "doubts": doubts}


def _money(written_as: re.Pattern[str], text: str, pointer: str, doubts: Doubts) -> dict[str, str] | None:
    """Return an amount in rupiah. Each column has its own separator (Q23): it is declared, never guessed."""
    if not text:
        return None
    if not written_as.fullmatch(text):
        doubts.append({"code": "number-ambiguous", "field": pointer})
        return None
    return {"amount": re.sub(r"\D", "", text) + ".00", "currency": "IDR"}


def _total(amount: dict[str, str] | None, penalty: dict[str, str] | None) -> dict[str, str] | None:
    """Return the sum; None unless both are known, and short enough to be sums of rupiah."""
    if amount is None or penalty is None:
        return None
    parts = [part["amount"].removesuffix(".00") for part in (amount, penalty)]
    if max(map(len, parts)) > _LONGEST_SUM:
        return None
    return {"amount": f"{sum(map(int, parts))}.00", "currency": "IDR"}


def _date(text: str, pointer: str, doubts: Doubts) -> str | None:
    """Convert dd-mm-yyyy to yyyy-mm-dd."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        pass
    doubts.append({"code": "date-zero" if text == _ZERO_DATE else "date-impossible", "field": pointer})
    return None


def _status(code: str, due_on: str | None, today: date, doubts: Doubts) -> str:
    """Return the status. An unknown code is `unknown`, never a guess; the doubt omits it, as it is personal data."""
    status = _STATUS.get(code, "unknown")
    if status == "unknown":
        doubts.append({"code": "status-unknown" if code else "field-missing", "field": "/status"})
    late = status == "unpaid" and due_on is not None and due_on < today.isoformat()
    return "overdue" if late else status


def _address(column: dict[str, str], doubts: Doubts) -> dict[str, Any] | None:
    """Return the address of the object; None if nothing is known of it."""
    text = column.get("ALAMAT_OP") or None
    region = _region(column.get("KD_WILAYAH", ""), column.get("NM_KELURAHAN", ""), doubts)
    return {"text": text, "region": region} if text or region else None


def _region(code: str, name: str, doubts: Doubts) -> dict[str, str | None] | None:
    found = _REGION.fullmatch(code)
    if found is None:
        doubts.append({"code": "region-unknown", "field": "/object/address/region"})
        return None
    return {"code": ".".join(found.groups()), "name": name.title() or None}


def _nik(text: str, doubts: Doubts) -> list[dict[str, Any]]:
    """Return the identifier; a number without sixteen digits is passed on as inexact, with a doubt."""
    if not text:
        return []
    exact = _NIK.fullmatch(text) is not None
    if not exact:
        doubts.append({"code": "nik-form", "field": "/payer/identifiers"})
    return [{"scheme": "nik", "value": text, "exact": exact}]
