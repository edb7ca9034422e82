"""Change the golden pairs of konsultasi-publik to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_konsultasi_publik.py`. The pairs are read from HEAD, so
that the script can be run again. The recorded rows of documents get the column `urut`, which the client reads now.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/konsultasi_publik")
POINTERS: Final = {
    "/venue": "/location/text",
    "/region": "/location/region",
    "/position": "/location/position",
    "/organiser": "/agency",
    "/open": "/accepts_contributions",
}
WORDS: Final = {"/stage": "tahap", "/status": "status", "/open": "terima_masukan"}
UNKNOWN: Final = frozenset({"code-unknown", "status-unknown"})
STAGES: Final = {"district": "kecamatan"}
STATUS_TEXTS: Final = {
    "confirmed": ({"id": "Pasti", "en": "Confirmed"}, "open"),
    "unknown": ({"id": "Tidak diketahui", "en": "Unknown"}, None),
}
WITH_STATUS_TEXT: Final = frozenset({"consultation-usual", "consultation-unknown-stage-and-status"})
"""The cases that state `status_text` and `phase`."""


def migrated(old: Json, wire: Json, case: str) -> Json:
    """Return the new expected result of a case; a reason for setting a record aside stays."""
    if "set_aside" in old:
        return old
    return {"body": body(old["body"], wire, case), "doubts": doubts(old, wire)}


def body(old: Json, wire: Json, case: str) -> Json:
    """Return the body: a notice with one location and an agency."""
    status = old["status"] if wire.get("status") in {"R", "P", "B"} else "unknown"
    text, phase = STATUS_TEXTS.get(status, (None, None))
    stated = {"status_text": text, "phase": phase} if case in WITH_STATUS_TEXT else {}
    return {
        "number": old["number"],
        "title": old["title"],
        "description": old["description"],
        "stage": STAGES.get(old["stage"], old["stage"]) if wire.get("tahap") in range(6) else "unknown",
        "status": status,
        **stated,
        "starts_at": old["starts_at"],
        "ends_at": old["ends_at"],
        "location": location(old),
        "agency": {"name": {"id": old["organiser"]}} if old["organiser"] else None,
        "accepts_contributions": old["open"],
        "documents": [document(one, wire) for one in old["documents"]],
        "contributions": [contribution(one) for one in old["contributions"]],
    }


def location(old: Json) -> Json | None:
    """Return venue, region and position as one location, or None if none of them is known."""
    members = {"text": old["venue"], "region": old["region"], "position": old["position"]}
    return members if any(members.values()) else None


def document(old: Json, wire: Json) -> Json:
    """Return a document with its number; an unknown word of its kind makes it unknown."""
    (row,) = [number for number, one in enumerate(wire["dokumen"]) if one["nama"] == old["title"]]
    kind = "unknown" if old["kind"] == "document" else old["kind"]
    return {"id": str(row), **old, "kind": kind}


def contribution(old: Json) -> Json:
    """Return a contribution whose answer is an event with a text only."""
    answer = {"text": old["answer"]} if old["answer"] else None
    return {"at": old["at"], "text": old["text"], "answer": answer}


def doubts(old: Json, wire: Json) -> list[Json]:
    """Return the doubts; a column that is not there is missing, not unknown, and its stage is in doubt, too."""
    found = [doubt(one, old["body"], wire) for one in old["doubts"]]
    return found if "tahap" in wire else [{"code": "field-missing", "field": "/stage"}, *found]


def doubt(old: Json, body: Json, wire: Json) -> Json:
    """Return the doubt with its new pointer and code; one about an unknown word carries it."""
    code, field = old["code"], POINTERS.get(old["field"] or "", old["field"])
    if (field or "").endswith("/answer"):
        field = f"{field}/text"
    if field == "/location/position":
        code = "position-outside"
    if code in UNKNOWN:
        word = unknown_word(old["field"], body, wire)
        if word is None:
            return {"code": "field-missing", "field": field}
        return {"code": code, "field": field, "original": word}
    return {"code": code, "field": field}


def unknown_word(field: str, body: Json, wire: Json) -> str | None:
    """Return the system's word in a field: of the event, or of a document that is found by its title."""
    if field.startswith("/documents/"):
        title = body["documents"][int(field.split("/")[2])]["title"]
        return next(str(one["jenis"]) for one in wire["dokumen"] if one["nama"] == title)
    word = wire.get(WORDS[field])
    return None if word is None else str(word)


def numbered(wire: Json) -> Json:
    """Return a recorded event whose documents have their numbers, as the view gives them."""
    if "dokumen" not in wire:
        return wire
    return {**wire, "dokumen": [{"urut": number, **one} for number, one in enumerate(wire["dokumen"])]}


def command(old: Json) -> Json:
    """Return a command that names its consultation by key."""
    renamed = {"consultation_key" if name == "consultation" else name: value for name, value in old["command"].items()}
    return {**old, "command": renamed}


def at_head(path: Path) -> Json:
    """Return the document at HEAD."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    document: Json = json.loads(shown)
    return document


def write(path: Path, document: Json) -> None:
    """Write a document with the formatting that it had."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    for recorded in sorted(FOLDER.glob("*.in.json")):
        wire = at_head(recorded)
        case = recorded.name.removesuffix(".in.json")
        write(recorded, numbered(wire))
        expected = recorded.with_name(f"{case}.out.json")
        write(expected, migrated(at_head(expected), wire, case))
    for path in sorted(FOLDER.glob("*.command.json")):
        write(path, command(at_head(path)))
