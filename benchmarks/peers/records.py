"""Rows of the three systems as records of one shape, in Python; `server.mjs` and `normalise.lua` do the same.

The shape is that of the gateway's cases. Codes of regions, ids of records, doubts and agencies are left out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

Record = dict[str, Any]
Row = Mapping[str, Any]

_WITA: Final = timezone(timedelta(hours=8))
_SIGNED: Final = {"0": "submitted", "1": "approved", "2": "refused", "3": "withdrawn", "4": "returned", "5": "revoked"}
_STAGES: Final = {
    "belum diverifikasi": "submitted",
    "diverifikasi": "accepted",
    "proses": "in-progress",
    "selesai": "done",
}


def application(row: Row) -> Record:
    """An application at e-kelurahan."""
    status = _SIGNED.get(row["status"], "unknown")
    if status == "approved" and row["siap_ambil"] == "Y":
        status = "collected" if row["tanggal_ambil"] != "0000-00-00" else "ready"
    return _record(
        "e-kelurahan",
        f"{row['tabel']}/{row['id']}",
        kind=row["jenis"],
        text=row["keperluan"],
        status=status,
        at=row["tanggal"],
        place=_place(None, row["kelurahan"], row["kecamatan"], None, None),
        person=_person(row["nama"], row["nik"]),
    )


def complaint(row: Row) -> Record:
    """A report at LAPOR."""
    reporter = row["pelapor"]
    return _record(
        "lapor",
        row["trackingid"],
        kind=row["topik"],
        title=row["judul"],
        text=row["isi"],
        status=_STAGES.get(row["tahap"].lower(), "unknown"),
        at=row["tanggal"],
        changed=row["perubahan"],
        place=_place(row["lokasi"], row["kelurahan"], row["kecamatan"], row["lng"], row["lat"]),
        person=_person(f"{reporter['namadepan']} {reporter['namabelakang']}", reporter["nik"]),
    )


def proposal(row: Row) -> Record:
    """A proposal at SIPD."""
    refused, withdrawn = bool(row["is_tolak"]), bool(row["is_batal"])
    return _record(
        "sipd-rkpd",
        str(row["id_usulan"]),
        kind=None,
        title=row["giat_teks"],
        text=" ".join(row["masalah"].split()),
        status="refused" if refused else "withdrawn" if withdrawn else "under-review",
        at=row["tgl_usul"],
        place=_place(
            row["alamat_teks"], row["id_kelurahan"], row["id_kecamatan"], row["detail_langpeta"], row["detail_latpeta"]
        ),
        person=_person(row["pengusul"]["nama"], row["pengusul"]["nik"]),
    )


def merged(*lists: list[Record]) -> Record:
    """The answer: all records, newest first."""
    items = [record for records in lists for record in records]
    items.sort(key=lambda record: (record["submitted_at"] or "", record["id"]), reverse=True)
    return {"items": items, "complete": True}


def _record(  # noqa: PLR0913 - the fields of a record
    system: str,
    key: str,
    *,
    kind: str | None,
    text: str,
    status: str,
    at: str,
    place: Record,
    person: Record,
    title: str | None = None,
    changed: str | None = None,
) -> Record:
    return {
        "id": f"{system}/{key}",
        "kind": {"code": kind} if kind else None,
        "number": key,
        "title": title,
        "text": text.strip(),
        "status": status,
        "submitted_at": _moment(at),
        "updated_at": _moment(changed),
        "location": place,
        "applicant": person,
        "history": [],
        "documents": [],
        "provenance": {"system": system, "fetched_at": datetime.now(_WITA).isoformat()},
    }


def _moment(written: str | None) -> str | None:
    if not written or written.startswith("0000"):
        return None
    return datetime.fromisoformat(written).replace(tzinfo=_WITA).isoformat()


def _place(text: str | None, kelurahan: Any, kecamatan: Any, longitude: str | None, latitude: str | None) -> Record:  # noqa: ANN401 - name or number
    position = None
    if longitude and latitude:
        position = {"type": "Point", "coordinates": [float(longitude), float(latitude)]}
    return {"text": text, "region": {"kelurahan": kelurahan, "kecamatan": kecamatan}, "position": position}


def _person(name: str, nik: str) -> Record:
    digits = nik.strip()
    return {"name": name, "identifiers": [{"scheme": "nik", "value": f"{'*' * 12}{digits[12:]}"}]}
