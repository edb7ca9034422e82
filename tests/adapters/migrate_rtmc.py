"""Change the golden pairs of rtmc to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_rtmc.py`. The pairs are read from HEAD, so that the
script can be run again. The rules for words need the wire record beside the pair.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/rtmc")
POINTERS: Final = {
    "/place": "/location/text",
    "/position": "/location/position",
    "/volume": "/vehicle_flow",
}
KIND_TEXTS: Final = {"accident": "Kecelakaan", "flood": "Banjir", "unknown": "Tidak diketahui"}
STATUS_TEXTS: Final = {
    "active": ("Berlangsung", "open"),
    "resolved": ("Selesai", "done"),
    "unknown": ("Tidak diketahui", None),
}
CONGESTION: Final = {"RAMAI LANCAR": "busy", "PADAT MERAYAP": "slow"}
"""The words that have a level of their own now."""
WORDS: Final = {"/kind": "jenis", "/severity": "tingkat", "/status": "status", "/congestion": "tingkat"}
UNKNOWN: Final = frozenset({"code-unknown", "status-unknown"})
COORDINATES: Final = ("lat", "lng")


def migrated(old: Json, wire: Json) -> Json:
    """Return the new expected result of a case; a reason for setting a record aside stays."""
    if "set_aside" in old:
        return old
    doubts = [doubt(one, wire) for one in old["doubts"]]
    if "road" in old["body"]:
        return {"body": condition(old["body"], wire), "doubts": with_missing_congestion(doubts, wire)}
    return {"body": incident(old["body"], doubts), "doubts": doubts}


def incident(old: Json, doubts: list[Json]) -> Json:
    """Return the body of an incident: an unknown word makes its kind or status unknown."""
    unknown = {one["field"] for one in doubts if one["code"] in UNKNOWN}
    kind = "unknown" if "/kind" in unknown else old["kind"]
    status = "unknown" if "/status" in unknown else old["status"]
    text, phase = STATUS_TEXTS[status]
    return present(
        {
            "kind": {"scheme": "incident-kind", "code": kind, "text": KIND_TEXTS[kind]},
            "title": old["title"],
            "description": old.get("description"),
            "status": status,
            "status_text": text,
            "phase": phase,
            "starts_at": old.get("starts_at"),
            "ends_at": old.get("ends_at"),
            "location": location(old),
            "agency": {"id": "polda-kalsel"},
            "severity": old["severity"],
        }
    )


def condition(old: Json, wire: Json) -> Json:
    """Return the body of a condition: five levels, the flow of vehicles, a location."""
    return present(
        {
            "road": old["road"],
            "direction": old.get("direction"),
            "observed_at": old.get("observed_at"),
            "congestion": CONGESTION.get(wire["tingkat"], old["congestion"]),
            "speed": old.get("speed"),
            "vehicle_flow": old.get("volume"),
            "location": location(old),
        }
    )


def location(old: Json) -> Json | None:
    """Return place and position as one location, or None if neither is known."""
    return present({"text": old.get("place"), "position": old.get("position")}) or None


def present(members: Json) -> Json:
    """Return the members that have a value: these pairs leave out the others."""
    return {name: value for name, value in members.items() if value is not None}


def doubt(old: Json, wire: Json) -> Json:
    """Return the doubt with its new pointer; one about a word carries it, and distant coordinates have their code."""
    code: str = old["code"]
    field = POINTERS.get(old["field"], str(old["field"]))
    if field == "/location/position" and all(is_number(wire[name]) for name in COORDINATES):
        code = "position-outside"
    if code in UNKNOWN:
        return {"code": code, "field": field, "original": wire[WORDS[field]]}
    return {"code": code, "field": field}


def with_missing_congestion(doubts: list[Json], wire: Json) -> list[Json]:
    """Add the doubt about a detector that sends no word, after that of the time."""
    if wire["tingkat"] is not None:
        return doubts
    place = sum(one["field"] == "/observed_at" for one in doubts)
    return [*doubts[:place], {"code": "field-missing", "field": "/congestion"}, *doubts[place:]]


def is_number(written: str | None) -> bool:
    """Return whether a coordinate is a number."""
    return (written or "").removeprefix("-").replace(".", "", 1).isdigit()


def at_head(path: Path) -> Json:
    """Return the document at HEAD."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    document: Json = json.loads(shown)
    return document


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.out.json")):
        new = migrated(at_head(path), json.loads(path.with_name(path.name.replace(".out.", ".in.")).read_text("utf-8")))
        path.write_text(json.dumps(new, indent=2, ensure_ascii=False) + "\n", "utf-8")
