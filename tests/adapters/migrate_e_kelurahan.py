"""Rewrite the golden pairs of e-kelurahan from the old canonical schema to the new one, by rule.

Run it in the root of the work tree: `python tests/adapters/migrate_e_kelurahan.py [commit]`. The old documents are
read from the commit (HEAD if none is given), so that it can be run again. Where the new schema keeps a word that the
old one dropped, the word comes from the recorded wire record beside the pair.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from schemas.case import CaseStatus
from schemas.service import ServiceStatus

FOLDER = Path("tests/adapters/e_kelurahan")
AGENCY = {"id": "tata-pemerintahan", "name": None}
ROLES = {"applicant": "Pemohon", "officer": "Petugas", "section-head": "Kepala Seksi", "lurah": "Lurah"}
STEPS = {
    "Diajukan", "Dilengkapi", "Berkas dikembalikan", "Diverifikasi", "Diparaf", "Disetujui", "Siap diambil", "Diambil",
    "Ditolak", "Dibatalkan", "Dicabut",
}  # fmt: skip

Json = dict[str, Any]


def coded(old: Json | None) -> Json | None:
    """`{system, code, display}` becomes `{scheme, code, text}`."""
    return old and {"scheme": old["system"], "code": old["code"], "text": old["display"]}


def doubt(code: str, field: str, original: str | None = None) -> Json:
    return {"code": code, "field": field, "original": original}


# Applications


def application(old: Json, recorded: Json) -> Json:
    body, doubts = old["body"], old["doubts"]
    status, text, about_status = status_of(old, recorded)
    new = {
        "kind": coded(body["service"]),
        "number": body["number"],
        "title": None,
        "text": body["purpose"],
        "status": status,
        "status_text": text,
        "phase": CaseStatus(status).phase,
        "reason": body["reason"],
        "submitted_at": body["submitted_at"],
        "updated_at": None,
        "expected_at": None,
        "agency": AGENCY,
        "location": location(body["region"]),
        "applicant": {**body["applicant"], "phone": None},
        "history": events(body["history"], recorded.get("riwayat", [])),
        "documents": documents(body["documents"], recorded.get("berkas", [])),
    }
    others = [one for one in doubts if one["field"] != "/status"]
    return {"body": new, "doubts": [*about_status, *(moved(one, recorded) for one in others)]}


def status_of(old: Json, recorded: Json) -> tuple[str, str, list[Json]]:
    """Return the status, its text, and the doubts about it.

    What was `submitted` without proof is `unknown`: an unknown word, no word, or a column `dikirim` that is neither
    yes nor no while no other column shows that the application was submitted.
    """
    codes = [one["code"] for one in old["doubts"] if one["field"] == "/status"]
    unknown = ("unknown", CaseStatus.UNKNOWN.text.id)
    if "status-unknown" in codes:
        return *unknown, [doubt("status-unknown", "/status", recorded["status"])]
    if "field-missing" in codes:
        return *unknown, [doubt("field-missing", "/status")]
    if "code-unknown" in codes:
        # One pair only: all three columns of an unsigned application are odd.
        assert recorded["status"] == "0"
        assert not {recorded["dikirim"], recorded["paraf"]} & {"Y", "T"}
        assert recorded["verifikasi"] not in {"0", "1"}
        columns = [doubt("code-unknown", "/status", f"{name}={recorded[name]}") for name in ("paraf", "verifikasi")]
        return *unknown, [*columns, doubt("status-unknown", "/status", f"dikirim={recorded['dikirim']}")]
    assert not codes
    return old["body"]["status"], old["body"]["status_text"], []


def location(region: Json | None) -> Json | None:
    return region and {"text": None, "region": region, "postal_code": None, "position": None}


def events(old: list[Json], stamps: list[Json]) -> list[Json]:
    """Every stamp is an event with the stamp's own word; one of an unknown step has no status."""
    known = iter(old)
    new = []
    for stamp in stamps:
        step = next(known) if stamp["langkah"] in STEPS else None
        new.append(
            {
                "at": step["at"] if step else f"{stamp['pada'].replace(' ', 'T')}+08:00",
                "status": step["status"] if step else None,
                "status_text": stamp["langkah"],
                "by": ROLES[step["role"]] if step and step["role"] else stamp["oleh"],
                "text": step["note"] if step else stamp["catatan"] or None,
                "amount": None,
            }
        )
    assert next(known, None) is None
    return new


def documents(old: list[Json], files: list[Json]) -> list[Json]:
    """The id is the number in the file's link; a kind that was guessed is unknown."""
    return [
        {
            "id": file["tautan"].removeprefix("/berkas/"),
            "kind": "unknown" if one["kind"] == "other" else one["kind"],
            "title": None,
            "number": one["number"],
            "media_type": one["media_type"],
            "size": one["size"],
            "issued_on": one["issued_at"] and one["issued_at"][:10],
            "revoked": one["status"] == "revoked",
        }
        for one, file in zip(old, files, strict=True)
    ]


def moved(old: Json, recorded: Json) -> Json:
    """Return a doubt with its new pointer, and the unknown word."""
    code, field = old["code"], old["field"]
    parts = field.split("/")[1:]
    if field == "/service":
        return doubt(code, "/kind", f"{recorded['tabel']}/{recorded['jenis']}")
    if field == "/region":
        return doubt(code, "/location/region")
    if field == "/history":
        place, word = next((i, s["langkah"]) for i, s in enumerate(recorded["riwayat"]) if s["langkah"] not in STEPS)
        return doubt(code, f"/history/{place}/status", word)
    if parts[0] == "history":
        return doubt(code, f"/history/{parts[1]}/{ {'role': 'by', 'note': 'text'}.get(parts[2], parts[2]) }")
    if parts[0] == "documents":
        name = {"issued_at": "issued_on"}.get(parts[2], parts[2])
        word = recorded["berkas"][int(parts[1])]["jenis"] if name == "kind" else None
        return doubt(code, f"/documents/{parts[1]}/{name}", word)
    return doubt(code, {"/purpose": "/text"}.get(field, field))


# Letters of the catalogue


def service(old: Json, recorded: Json) -> Json:
    body = dict(old["body"])
    assert body.pop("description") is None
    assert body.pop("procedure") == []
    days = body.pop("processing_time")
    known = {"Y", "T"}
    status = ServiceStatus(body["status"] if recorded["aktif"] in known else "unknown")
    new = {
        "code": body["code"],
        "name": body["name"],
        "agency": AGENCY,
        "archive_class": coded(body["archive_class"]),
        "requirements": body["requirements"],
        "working_days": days and int(days.removeprefix("P").removesuffix("D")),
        "fee": body["fee"],
        "output": body["output"],
        "complaints": body["complaints"],
        "status": status,
        "status_text": status.text.id,
        "phase": status.phase,
    }
    return {"body": new, "doubts": [service_doubt(one, recorded) for one in old["doubts"]]}


def service_doubt(old: Json, recorded: Json) -> Json:
    code, field = old["code"], old["field"]
    if field == "/code":
        return doubt(code, field, recorded["kode"])
    if field == "/status":
        return doubt("status-unknown", field, recorded["aktif"])
    if field == "/processing_time":
        return doubt("number-form", "/working_days", recorded["jangka_waktu"])
    return doubt(code, field)


# Commands


def command(old: Json) -> Json:
    renamed = {"service": "kind", "purpose": "text"}
    return {**old, "command": {renamed.get(name, name): value for name, value in old["command"].items()}}


def migrate(name: str, old: Json, recorded: Json | None) -> Json:
    """Return the new document of one file."""
    if name.endswith(".command.json"):
        return command(old)
    if "set_aside" in old:
        return old
    assert recorded is not None
    return (application if name.startswith("application-") else service)(old, recorded)


def main(commit: str) -> None:
    for path in sorted([*FOLDER.glob("*.out.json"), *FOLDER.glob("*.command.json")]):
        shown = subprocess.run(["git", "show", f"{commit}:{path}"], capture_output=True, check=False)
        if shown.returncode:
            continue  # a pair that is newer than the old schema
        text = shown.stdout.decode()
        beside = path.with_name(path.name.replace(".out.json", ".in.json"))
        recorded = json.loads(beside.read_text("utf-8")) if beside != path else None
        new = json.dumps(migrate(path.name, json.loads(text), recorded), ensure_ascii=False, indent=2)
        path.write_text(new + ("\n" if text.endswith("\n") else ""), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "HEAD")
