"""Change the golden pairs of e-puskesmas to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_e_puskesmas.py`. The pairs are read from HEAD, so that
the script can be run again.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/e_puskesmas")
DOUBT_CODES: Final = {"/position": {"number-ambiguous": "position-outside"}}
POINTERS: Final = {
    "facility": {
        "/address/text": "/location/text",
        "/address/region": "/location/region",
        "/address/postal_code": "/location/postal_code",
        "/position": "/location/position",
    },
    "queue": {"/on": "/day"},
    "appointment": {"/on": "/day", "/payer": "/coverage", "/patient": "/holder"},
    "visit": {"/payer": "/coverage"},
}
"""Old pointers of doubts to new ones, by resource; a pointer to a member moves with the pointer before it."""

STATUS: Final = {
    "arrived": {"appointment": ("Sudah datang", "open"), "visit": ("Hadir", "open")},
    "booked": {"appointment": ("Terdaftar", "open")},
    "called": {"appointment": ("Dipanggil", "waiting-for-you")},
    "cancelled": {"appointment": ("Dibatalkan", "stopped"), "visit": ("Batal", "stopped")},
    "finished": {"visit": ("Selesai", "done")},
    "fulfilled": {"appointment": ("Selesai", "done")},
    "in-progress": {"visit": ("Dilayani", "open")},
    "no-show": {"appointment": ("Tidak datang", "stopped")},
    "unknown": {"appointment": ("Tidak diketahui", None), "visit": ("Tidak diketahui", None)},
}
"""The text and the phase of a status, by resource."""


def migrated(case: str, old: Json, recorded: Json) -> Json:
    """Return the new expected result of a case; `recorded` is the wire record."""
    if "set_aside" in old:
        return old
    resource = case.partition("-")[0]
    body = {"facility": facility, "queue": queue, "appointment": appointment, "visit": visit}[resource]
    doubts = [doubt(resource, one, recorded) for one in old["doubts"]]
    return {"body": body(old["body"], recorded), "doubts": [*doubts, *card_doubts(resource, old["body"])]}


def coded(old: Json) -> Json:
    """`Coded`: system, display to scheme, text; the list of payers is now that of coverages."""
    scheme = "coverage" if old["system"] == "payer" else old["system"]
    return {"scheme": scheme, "code": old["code"], "text": old["display"]}


def facility(old: Json, recorded: Json) -> Json:
    """Kind is coded, the BPJS code is an identifier, the agency is stated, address and position are the location."""
    location = {**old.get("address", {}), **({"position": old["position"]} if "position" in old else {})}
    return {
        "kind": {"scheme": "facility-kind", "code": old["kind"], "text": "Puskesmas"},
        "name": old["name"],
        "identifiers": [{"scheme": "health-facility", "value": str(recorded["kdProvider"]), "exact": True}],
        "agency": {"id": "dinas-kesehatan"},
        **({"location": location} if location else {}),
        **({"phone": old["phone"]} if "phone" in old else {}),
        "clinics": [coded(clinic) for clinic in old["clinics"]],
        "hours": old["hours"],
    }


def queue(old: Json, _recorded: Json) -> Json:
    """`on` is `day`."""
    return {name: coded(value) if name == "clinic" else value for name, value in renamed(old, {"on": "day"}).items()}


def appointment(old: Json, recorded: Json) -> Json:
    """`on` is `day`, `payer` is `coverage`, `patient` is `holder`."""
    new = renamed(old, {"on": "day", "payer": "coverage", "patient": "holder"})
    if old["status"] == "arrived" and "waktuCheckIn" not in recorded:
        # A release without this column does not state that the patient arrived.
        new["status"] = "booked"
    return with_status("appointment", {name: inner(value) for name, value in new.items()})


def visit(old: Json, _recorded: Json) -> Json:
    """`payer` is `coverage`."""
    new = renamed(old, {"payer": "coverage"})
    return with_status("visit", {name: inner(value) for name, value in new.items()})


def renamed(old: Json, names: dict[str, str]) -> Json:
    """Return the same members in the same order, some with other names."""
    return {names.get(name, name): value for name, value in old.items()}


def inner(value: Any) -> Any:
    """Return a member of a body; a coded value in its new form."""
    return coded(value) if isinstance(value, dict) and "system" in value else value


def with_status(resource: str, body: Json) -> Json:
    """Add the text and the phase after the status."""
    new: Json = {}
    for name, value in body.items():
        new[name] = value
        if name == "status":
            text, phase = STATUS[value][resource]
            new["status_text"] = text
            if phase is not None:
                new["phase"] = phase
    return new


def doubt(resource: str, old: Json, recorded: Json) -> Json:
    """Move the pointer, correct the code, and add the word where the field is not personal data."""
    field, code = old["field"], old["code"]
    code = DOUBT_CODES.get(field, {}).get(code, code)
    for before, after in POINTERS[resource].items():
        if field == before or field.startswith(f"{before}/"):
            field = after + field.removeprefix(before)
            break
    if resource == "visit" and code == "status-unknown" and not recorded.get("statusPeriksa"):
        code = "field-missing"
    new = {"code": code, "field": field}
    if code == "code-unknown" and field.startswith("/clinic") and resource in {"facility", "queue"}:
        new["original"] = recorded["kodepoli"] if resource == "queue" else own_clinic(recorded)
    return new


def own_clinic(recorded: Json) -> str:
    """Return the code of the centre's only clinic that is not in the city's table."""
    (code,) = {poli["kodepoli"] for poli in recorded["poli"]} - {"001", "002", "003", "008"}
    return str(code)


def card_doubts(resource: str, body: Json) -> list[Json]:
    """Return the doubt about an insurance card whose number is malformed."""
    person = {"appointment": "holder", "visit": "patient"}.get(resource)
    identifiers = body.get("patient", {}).get("identifiers", []) if person else []
    return [
        {"code": "number-form", "field": f"/{person}/identifiers/{place}"}
        for place, number in enumerate(identifiers)
        if number["scheme"] == "insurance-card" and not number["exact"]
    ]


def command(old: Json) -> Json:
    """`on` of a booking is `day`."""
    return {**old, "command": renamed(old["command"], {"on": "day"})}


def at_head(path: Path) -> tuple[Json, int]:
    """Return the document at HEAD, and its indentation."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    second = shown.split("\n")[1]
    return json.loads(shown), len(second) - len(second.lstrip())


def write(path: Path, document: Json, indent: int) -> None:
    """Write a document with the formatting that it had."""
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.out.json")):
        case = path.name.removesuffix(".out.json")
        recorded = json.loads((FOLDER / f"{case}.in.json").read_text("utf-8"))
        document, indent = at_head(path)
        write(path, migrated(case, document, recorded), indent)
    for path in sorted(FOLDER.glob("*.command.json")):
        document, indent = at_head(path)
        write(path, command(document), indent)
