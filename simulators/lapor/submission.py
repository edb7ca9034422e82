"""`addstream`: a report as an XML document; duplicates are not detected (Q50)."""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from simulators.kelurahan import kelurahan
from simulators.lapor import answers
from simulators.lapor.seed import written
from simulators.lapor.store import Row, Store
from simulators.lapor.topics import FIRST_STAGE, KNOWN
from simulators.spec import SimulatorState
from simulators.xml_documents import read_document

_CODE: Final = re.compile(r"\[([A-Z]{2}-[0-9A-Z]{4,32})\]\s*$")
_SHORTEST: Final = 10
_TEXTS: Final = ("judul", "lokasi", "lat", "lng", "kelurahan", "kecamatan")


@dataclass(frozen=True, slots=True)
class Submission:
    """The content of a submitted document."""

    token: str
    nik: str
    report: Row


def read(document: bytes) -> Submission | None:
    """Parse a submission; None if the document is invalid."""
    root = read_document(document)
    if root is None:
        return None
    report = root.find("laporan")
    if root.tag != "lapor" or report is None:
        return None
    row = {name: _text(report, name) for name in (*_TEXTS, "isi", "topik")}
    flags = {name: "1" if report.get(name) == "1" else "0" for name in ("rahasia", "anonim")}
    return Submission(root.get("token", ""), _text(root, "pelapor/nik"), {**row, **flags})


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


class Desk:
    """Accepts submissions."""

    def __init__(self, store: Store, state: SimulatorState, token: str) -> None:
        self._store = store
        self._state = state
        self._token = token

    def submit(self, document: bytes) -> dict[str, str]:
        """Store a submission; return the elements of the answer."""
        submission = read(document)
        if submission is None:
            return {"status": "0", "pesan": "Format tidak dikenal"}
        reason = self._refusal(submission)
        if reason is not None:
            return {"status": "0", "pesan": reason}
        tracking = self._store.add({**self.initial_columns(), **submission.report, "nik": submission.nik})
        code = _CODE.search(submission.report["isi"])
        self._state.ledger.add({"key": tracking}, code=code[1] if code else None)
        return {"status": "1", "trackingid": tracking, "transaksiid": f"TRX{tracking}"}

    def initial_columns(self) -> Row:
        """Return the columns that the service sets in a new report."""
        now = written(self._state.clock.now())
        return {"tanggal": now, "perubahan": now, "tenggat": "", "instansi": "", "tahap": FIRST_STAGE}

    def _refusal(self, submission: Submission) -> str | None:
        report = submission.report
        checks = (
            (submission.token == self._token, answers.UNKNOWN_TOKEN),
            (self._store.reporter(submission.nik) is not None, "Pelapor belum terdaftar"),
            (report["topik"] in KNOWN, "Topik tidak dikenal"),
            (_is_place(report["kelurahan"], report["kecamatan"]), "Kelurahan tidak dikenal"),
            (len(_CODE.sub("", report["isi"]).strip()) >= _SHORTEST, "Isi laporan terlalu pendek"),
        )
        return next((reason for good, reason in checks if not good), None)


def _is_place(name: str, kecamatan: str) -> bool:
    return not name or any((place.name, place.kecamatan) == (name, kecamatan) for place in kelurahan())
