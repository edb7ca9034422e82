"""Rewrites the golden pairs of sipd_rkpd for the canonical schema of shared base types, by rule."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "sipd_rkpd"
FILES = {"proposal-kecamatan.out.json": "proposal-district.out.json"}
"""The committed name of a renamed pair."""
STAGES = {"kelurahan": "kelurahan", "kecamatan": "kecamatan", "skpd": "agency", "tapd": "budget-team"}
LEVELS = {
    "kelurahan": ("Kelurahan", "Kelurahan"),
    "district": ("Kecamatan", "Kecamatan"),
    "partner": ("Mitra Bapperida", "Partner of the planning agency"),
    "agency": ("Perangkat daerah", "Agency"),
    "budget-team": ("Tim anggaran", "Budget team"),
}
STATUSES = {
    "under-review": ("Sedang diperiksa", "Under review", "open"),
    "accommodated": ("Diakomodasi", "Included in the plan", "done"),
    "rejected": ("Ditolak", "Rejected", "stopped"),
    "cancelled": ("Dibatalkan", "Cancelled", "stopped"),
    "unknown": ("Tidak diketahui", "Unknown", None),
}
RENAMED = {
    "/scheme": "/code/scheme",
    "/problem": "/text",
    "/place": "/location/text",
    "/region": "/location/region",
    "/position": "/location/position",
    "/volume": "/quantity",
    "/proposer/identifiers": "/applicant/identifiers",
    "/proposer/name": "/applicant/name",
}


def text(indonesian, english=None):
    """A text in both languages, as these pairs write it."""
    return {"id": indonesian, "en": english}


def folded(word):
    """A word for comparison, as the adapter folds it."""
    return " ".join((word or "").casefold().split())


def doubt(old, before, wire):
    """A doubt of the new document; that about an odd flag has the first column that is neither 0, 1 nor empty."""
    field = old["field"]
    if field is not None:
        field = RENAMED.get(field, field).replace("/recommendations", "/history").replace("/note", "/text")
    new = {"code": old["code"], "field": field}
    if field == "/location/position" and new["code"] == "number-ambiguous":
        new["code"] = "position-outside"
    if field == "/status" and new["code"] == "status-unknown":
        new["original"] = before["original_status"]
    if field == "/status" and new["code"] == "code-unknown":
        odd = [column for column in ("is_batal", "is_tolak") if wire[column] not in ("0", "1", "", 0, 1)]
        new["original"] = f"{odd[0]}={wire[odd[0]]}"
    return new


def plan(before, wire):
    """The body of a line of a plan; in these pairs every line above has a code of its year's nomenclature."""
    code = {"scheme": before["scheme"], "code": before["code"]}
    above = "permendagri-90-2019" if before["year"] >= 2021 else "permendagri-13-2006"
    parent = {"scheme": above, "code": before["parent_code"]} if before.get("parent_code") else None
    agency = {"name": text(" ".join(wire["nama_skpd"].split()))} if wire.get("nama_skpd") else None
    body = {"year": before["year"], "code": code, "parent": parent, "level": before["level"], "name": before["name"]}
    return body | {"agency": agency, "ceiling": before.get("ceiling"), "indicator": before.get("indicator")}


def proposal(before, wire):
    """The body of a proposal."""
    stage = STAGES.get(folded(wire.get("status_usul_teks")))
    status = before["status"] if before["status"] in STATUSES else "under-review"
    indonesian, english, phase = STATUSES[status]
    location = {"text": before.get("place"), "region": before.get("region"), "position": before.get("position")}
    location = {name: value for name, value in location.items() if value is not None}
    history = [
        {"by": text(*LEVELS[one["stage"]])}
        | ({"text": one["note"]} if one.get("note") else {})
        | ({"amount": one["amount"]} if one.get("amount") else {})
        for one in before.get("recommendations", [])
    ]
    return {
        "title": before.get("title"),
        "text": before["problem"],
        "status": status,
        "status_text": text(indonesian, english),
        "phase": phase,
        "reason": before.get("reason"),
        "submitted_at": before.get("submitted_at"),
        "location": location or None,
        "applicant": before.get("proposer"),
        "history": history,
        "documents": [],
        "year": before["year"],
        "stage": stage,
        "amount": before.get("amount"),
        "quantity": before.get("volume"),
    }


def main():
    """Rewrite every pair from its committed form."""
    for path in sorted(HERE.glob("*.json")):
        named = f"HEAD:./{FILES.get(path.name, path.name)}"
        committed = subprocess.run(["git", "show", named], cwd=HERE, capture_output=True, check=False)
        if committed.returncode:
            continue
        new = old = json.loads(committed.stdout)
        if path.name.endswith(".out.json") and "body" in old:
            wire = json.loads(path.with_name(path.name.replace(".out.", ".in.")).read_text("utf-8"))
            before = old["body"]
            body = plan(before, wire) if path.name.startswith("plan-") else proposal(before, wire)
            new = {
                "body": {name: value for name, value in body.items() if value is not None},
                "doubts": [doubt(one, before, wire) for one in old["doubts"]],
            }
        elif path.name.endswith(".command.json"):
            names = {"problem": "text", "volume": "quantity"}
            old["command"] = {names.get(name, name): value for name, value in old["command"].items()}
        else:
            continue
        path.write_text(json.dumps(new, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
