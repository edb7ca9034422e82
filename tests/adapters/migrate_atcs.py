"""Change the golden pairs of atcs to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_atcs.py`. The pairs are read from HEAD, so that the
script can be run again.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/atcs")
MOVED: Final = {
    "/position": "/location/position",
    "/volume": "/vehicle_flow",
    "/congestion": "/saturation",
}
"""Pointers of doubts. The doubt about a ratio concerns the ratio itself, which has a field now."""
RENAMED: Final = {"condition-heavy": "condition-busy", "condition-jammed": "condition-slow"}
"""Cases whose level has another name among five levels; the old names belong to new cases."""
STATUS_WORDS: Final[Json] = {
    "camera-online": {"status_text": {"id": "Menyala", "en": "Online"}, "phase": "open"},
    "camera-stale-stream": {"status_text": {"id": "Mati", "en": "Offline"}, "phase": "stopped"},
    "camera-undated-stream": {"status_text": {"id": "Tidak diketahui", "en": "Unknown"}},
}
"""Cases that state the text and the phase of the status, one of each status."""


def migrated(case: str, wire: Json, old: Json) -> Json:
    """Return the new expected result of a case. The saturation is in the wire record only."""
    if "set_aside" in old:
        return old
    resource = case.partition("-")[0]
    body: Json = {}
    for name, value in old["body"].items():
        if name == "position":
            body["location"] = {"position": value}
        elif name == "volume":
            body["vehicle_flow"] = value
        elif name == "congestion":
            body |= congested(value, wire)
        elif not (resource == "camera" and name == "code"):
            body[name] = value
        if name == "status":
            body |= STATUS_WORDS.get(case, {})
    return {"body": body, "doubts": [doubt(one) for one in old["doubts"]]}


def congested(old: str, wire: Json) -> Json:
    """Return the level of five and its ratio. An unknown level stays: its ratio is not shown."""
    if old == "unknown":
        return {"congestion": "unknown"}
    ratio = float(wire["derajat_jenuh"])
    return {"congestion": level(round(100 * ratio)), "saturation": ratio}


def level(percent: int) -> str:
    """Return the level of a degree of saturation in hundredths."""
    if percent < 60:
        return "free"
    if percent <= 70:
        return "busy"
    if percent <= 85:
        return "heavy"
    return "slow" if percent <= 100 else "jammed"


def doubt(old: Json) -> Json:
    """Move the pointer. Every readable position of these pairs that has a doubt is one outside the city."""
    code = "position-outside" if old["field"] == "/position" and old["code"] == "number-ambiguous" else old["code"]
    return {"code": code, "field": MOVED.get(old["field"], old["field"])}


def at_head(path: Path) -> str:
    """Return the text of a file at HEAD."""
    return subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout


def cases() -> list[str]:
    """Return the cases at HEAD."""
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD", f"{FOLDER}/"], check=True, capture_output=True, text=True
    ).stdout
    return sorted(Path(name).name.removesuffix(".out.json") for name in listed.split() if name.endswith(".out.json"))


if __name__ == "__main__":
    for case in cases():
        given = at_head(FOLDER / f"{case}.in.json")
        document = migrated(case, json.loads(given), json.loads(at_head(FOLDER / f"{case}.out.json")))
        name = RENAMED.get(case, case)
        (FOLDER / f"{name}.in.json").write_text(given, "utf-8")
        written = json.dumps(document, indent=2, ensure_ascii=False)
        (FOLDER / f"{name}.out.json").write_text(f"{written}\n", "utf-8")
