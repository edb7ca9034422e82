"""Rewrites the golden pairs of lapor for the canonical schema of shared base types, by rule."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "lapor"
STATUS = {"received": "submitted"}
TEXTS = {
    "submitted": ("Belum diverifikasi", "Not verified yet", "open"),
    "verified": ("Terverifikasi", "Verified", "open"),
    "forwarded": ("Disposisi", "Forwarded to an agency", "open"),
    "in-progress": ("Tindak lanjut", "Being followed up", "open"),
    "answered": ("Ditanggapi", "Answered", "open"),
    "closed": ("Selesai", "Closed", "done"),
    "rejected": ("Ditolak", "Rejected", "stopped"),
    "merged": ("Digabung", "Merged with another case", "stopped"),
    "unknown": ("Tidak diketahui", "Unknown", None),
}
RENAMED = {
    "/created_at": "/submitted_at",
    "/category": "/kind",
    "/place": "/location/text",
    "/region": "/location/region",
    "/position": "/location/position",
    "/reporter/identifiers": "/applicant/identifiers",
    "/reporter/name": "/applicant/name",
}

FLAGS = {"/confidential": "rahasia", "/anonymous": "anonim"}


def text(indonesian, english=None):
    """A text in both languages, as these pairs write it."""
    return {"id": indonesian, "en": english}


def pointer(field):
    """The pointer of a doubt in the new body."""
    if field is None:
        return None
    if field.startswith("/answers"):
        return field.replace("/answers", "/history").replace("/agency", "/by")
    return RENAMED.get(field, field)


def known(members):
    """The members of an object that have a value."""
    return {name: value for name, value in members.items() if value not in (None, {})}


def status_of(old, wire):
    """The status, its text and its phase; a doubt about it was only ever about an unknown or an absent word."""
    unknown = any(one["field"] == "/status" for one in old["doubts"])
    status = "unknown" if unknown else STATUS.get(old["body"]["status"], old["body"]["status"])
    *words, phase = TEXTS[status]
    if " ".join((wire.get("tahap") or "").casefold().split()) == "dibuka kembali":
        words = "Dibuka kembali", "Reopened"
    return {"status": status, "status_text": text(*words), "phase": phase}


def complaint(before, status):
    """The new body of an old one, with its status."""
    category = before.get("category") or {}
    kind = {"scheme": category.get("system"), "code": category.get("code"), "text": category.get("display")}
    location = {"text": before.get("place"), "region": before.get("region"), "position": before.get("position")}
    return known(
        {
            "kind": known(kind),
            "number": before["number"],
            "title": before.get("title"),
            "text": before["text"],
            **status,
            "submitted_at": before.get("created_at"),
            "updated_at": before.get("updated_at"),
            "expected_at": before.get("expected_at"),
            "agency": {"name": text(before["agency"])} if before.get("agency") else None,
            "location": known(location),
            "applicant": before.get("reporter"),
            "history": [event(answer) for answer in before["answers"]],
            "documents": [],
            "confidential": before["confidential"],
            "anonymous": before["anonymous"],
        }
    )


def event(answer):
    """The event of an answer."""
    by = text(answer["agency"]) if answer.get("agency") else None
    return known({"at": answer.get("at"), "text": answer["text"], "by": by})


def doubt(old, before, wire):
    """The new form of a doubt."""
    new = {"code": old["code"], "field": pointer(old["field"])}
    place = new["code"], new["field"]
    if place == ("number-ambiguous", "/location/position"):
        new["code"] = "position-outside"
    elif place == ("status-unknown", "/status"):
        new["original"] = before["original_status"]
    elif place == ("code-unknown", "/kind"):
        new["original"] = before["category"]["code"]
    elif new["code"] == "code-unknown" and new["field"] in FLAGS:
        new["original"] = wire[FLAGS[new["field"]]]
    return new


def command(old):
    """The new document of a command."""
    old["command"] = {{"category": "kind"}.get(name, name): value for name, value in old["command"].items()}
    return old


def main():
    """Rewrite every pair from its committed form."""
    for path in sorted(HERE.glob("*.json")):
        committed = subprocess.run(["git", "show", f"HEAD:./{path.name}"], cwd=HERE, capture_output=True, check=False)
        if committed.returncode:
            continue
        old = json.loads(committed.stdout)
        if path.name.endswith(".out.json") and "body" in old:
            wire = json.loads(path.with_name(path.name.replace(".out.", ".in.")).read_text("utf-8"))
            new = {
                "body": complaint(old["body"], status_of(old, wire)),
                "doubts": [doubt(one, old["body"], wire) for one in old["doubts"]],
            }
        elif path.name.endswith(".command.json"):
            new = command(old)
        else:
            continue
        path.write_text(json.dumps(new, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
