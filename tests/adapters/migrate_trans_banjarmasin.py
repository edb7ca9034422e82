"""Change the golden pairs of trans-banjarmasin to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_trans_banjarmasin.py`. The pairs are read from HEAD, so
that the script can be run again.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/trans_banjarmasin")
MOVED: Final = {"/position": "/location/position"}
UNREADABLE: Final = frozenset({"stop-decimal-point"})
"""Cases with a coordinate that cannot be read: its doubt stays `number-ambiguous`."""
WORDS: Final = {"/mode": "route_type", "/fare": "currency_type", "/colour": "route_color"}
"""The column of the unknown code, by the field in doubt."""


def migrated(case: str, wire: Json, old: Json) -> Json:
    """Return the new expected result of a case. The unknown codes are in the wire record only."""
    if "set_aside" in old:
        return old
    body = dict(member(name, value) for name, value in old["body"].items())
    return {"body": body, "doubts": [doubt(case, wire, one) for one in old["doubts"]]}


def member(name: str, old: Any) -> tuple[str, Any]:
    """Return a member of the body with its new name."""
    if name == "position":
        return "location", {"position": old}
    if name == "operator":
        return "agency", {"name": {"id": old, "en": None}}
    return ("service_day" if name == "on" else name), old


def doubt(case: str, wire: Json, old: Json) -> Json:
    """Move the pointer, name a position outside the city, and add the unknown code; without one, it is missing."""
    code: str = old["code"]
    field = MOVED.get(str(old["field"]), str(old["field"]))
    if code == "number-ambiguous" and field == "/location/position" and case not in UNREADABLE:
        code = "position-outside"
    if code == "code-unknown":
        word = wire.get(WORDS[field])
        return {"code": code, "field": field, "original": word} if word else {"code": "field-missing", "field": field}
    return {"code": code, "field": field}


def at_head(path: Path) -> Json:
    """Return the document at HEAD."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    document: Json = json.loads(shown)
    return document


def cases() -> list[str]:
    """Return the cases at HEAD."""
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD", f"{FOLDER}/"], check=True, capture_output=True, text=True
    ).stdout
    return sorted(Path(name).name.removesuffix(".out.json") for name in listed.split() if name.endswith(".out.json"))


if __name__ == "__main__":
    for case in cases():
        document = migrated(case, at_head(FOLDER / f"{case}.in.json"), at_head(FOLDER / f"{case}.out.json"))
        written = json.dumps(document, indent=2, ensure_ascii=False)
        (FOLDER / f"{case}.out.json").write_text(f"{written}\n", "utf-8")
