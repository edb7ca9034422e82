"""Rewrite the golden pairs of pbb in the shape of the new canonical schema: `python -m tests.adapters.migrate_pbb`.

The input is the last committed version of each pair, so that the script can be run again.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

HERE = Path("tests/adapters/pbb")
BASE = "be742b0"
RENAMED = {"bill-year-as-text": "bill-year-as-number"}
SET_ASIDE = {
    "1 fault(s), first at year: int_type": "2 fault(s), first at period.start: string_type",
    "first at kind.display: model_type": "first at kind.text: model_type",
}
STATUS = {
    "unpaid": ("waiting-for-you", "Belum dibayar", "Unpaid"),
    "overdue": ("waiting-for-you", "Lewat jatuh tempo", "Overdue"),
    "paid": ("done", "Lunas", "Paid"),
    "cancelled": ("stopped", "Dibatalkan", "Cancelled"),
    "unknown": (None, "Tidak diketahui", "Unknown"),
}
POINTERS = {"/region": "/object/address/region", "/place": "/object/address/text", "/number": "/object/number"}


def migrated(old: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    """Return the new document of an item (`.in.json`) or, if `complete`, of a result with all members (`.out.json`)."""
    if "set_aside" in old:
        reason = old["set_aside"]
        for before, after in SET_ASIDE.items():
            reason = reason.replace(before, after)
        return {"set_aside": reason}
    doubts = [{**doubt, "field": POINTERS.get(doubt["field"], doubt["field"])} for doubt in old["doubts"]]
    if complete:
        doubts = [{**doubt, "original": None} for doubt in doubts]
    return {**old, "body": _body(old["body"], complete=complete), "doubts": doubts}


def _body(old: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in old.items():
        match name:
            case "kind":
                body["kind"] = {"scheme": value["system"], "code": value["code"], "text": value["display"]}
            case "number":
                body["object"] = {"number": value, "address": _address(old["place"], old["region"], complete=complete)}
            case "year":
                body["period"] = _period(value)
            case "status":
                body |= _status(value, complete=complete)
            case "payer":
                body["payer"] = {**value, "birth_date": None, "phone": None} if complete else value
            case "place" | "region":
                pass
            case _:
                body[name] = value
    return body


def _period(year: int | str) -> dict[str, int | str]:
    # The pair that is wrong about the type of the year sent a text for a number; now it is the other way round.
    written = str(year) if isinstance(year, int) else int(year)
    return {"start": written, "end": written}


def _status(old: str | None, *, complete: bool) -> dict[str, Any]:
    status = old or "unknown"
    if not complete:
        return {"status": status}
    phase, indonesian, english = STATUS[status]
    return {"status": status, "status_text": {"id": indonesian, "en": english}, "phase": phase}


def _address(place: str | None, region: dict[str, Any] | None, *, complete: bool) -> dict[str, Any] | None:
    if place is None and region is None:
        return None
    if complete:
        return {"text": place, "rt": None, "rw": None, "region": region, "postal_code": None}
    return {"text": place, "region": region}


def main() -> None:
    """Rewrite every pair."""
    listed = _git("ls-tree", "--name-only", f"{BASE}:{HERE}").split()
    for name in (name for name in listed if name.endswith(".json")):
        old = json.loads(_git("show", f"{BASE}:{HERE}/{name}"))
        case, _, ending = name.partition(".")
        new = migrated(old, complete=ending == "out.json")
        (HERE / name).unlink(missing_ok=True)
        target = HERE / f"{RENAMED.get(case, case)}.{ending}"
        target.write_text(json.dumps(new, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
