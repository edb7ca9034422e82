"""Change the golden pairs of wirausaha_baru to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_wirausaha_baru.py`. The pairs are read from HEAD, so
that the script can be run again. The commands are unchanged.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/wirausaha_baru")
AGENCIES: Final = frozenset(
    {
        "dinas-koperasi",
        "dinas-perindag",
        "dinas-perikanan",
        "dinas-pariwisata",
        "dinas-sosial",
        "dinas-pendidikan",
        "dinas-pppa",
    }
)
POINTERS: Final = {
    "enrolment": {
        "/participant/identifiers/0": "/holder/identifiers/0",
        "/participant/name": "/holder/name",
        "/enrolled_on": "/validity/start",
        "/participant/phone": "/holder/phone",
        "/business_name": "/enterprise/name",
        "/activity": "/enterprise/activity",
        "/status": "/enterprise/status",
        "/status_on": "/enterprise/seen_on",
        "/region": "/location/region",
    },
    "enterprise": {"/nib": "/identifiers/0", "/region": "/location/region"},
    "programme": {"/registration_until": "/closes_on"},
}
"""New places of doubts, by resource."""
ORDER: Final = (
    None,
    "/agency",
    "/holder/identifiers/0",
    "/holder/name",
    "/validity/start",
    "/identifiers/0",
    "/group",
    "/holder/phone",
    "/enterprise/name",
    "/enterprise/activity",
    "/enterprise/status",
    "/enterprise/seen_on",
    "/status",
    "/name",
    "/activity",
    "/kbli",
    "/quota",
    "/grant",
    "/closes_on",
    "/description",
    "/location/region",
)
"""The order of doubts: in which the fields are read."""
STATES: Final = {
    "started": ("open", "Baru dimulai", "Started recently"),
    "active": ("open", "Aktif", "Active"),
    "stopped": ("stopped", "Berhenti", "Stopped"),
    "moved": ("stopped", "Pindah", "Moved away"),
    "untraced": ("stopped", "Tidak terlacak", "Cannot be traced"),
    "unknown": (None, "Tidak diketahui", "Unknown"),
}
"""Phase and text of an enterprise's state."""
WITH_TEXTS: Final = frozenset(
    {"enrolment-clean", "enrolment-typed-by-hand", "enrolment-unknown-words", "enterprise-clean"}
)
"""Cases whose pairs also have the texts and phases, which a body has by default."""
UNREAD_STATE: Final = frozenset({"enrolment-unknown-words"})
"""Cases whose state is a word that is not in the table: once absent, now unknown."""


def migrated(case: str, old: Json, row: Json) -> Json:
    """Return the new expected result of a case; `row` is the row that was read."""
    if "set_aside" in old:
        return old
    resource = case.partition("-")[0]
    doubts = [doubt(resource, one, row) for one in old["doubts"]]
    body = {"enrolment": enrolment, "enterprise": enterprise, "programme": programme}[resource](case, old["body"])
    return {"body": body, "doubts": sorted(doubts, key=lambda one: ORDER.index(one.get("field")))}


def enrolment(case: str, old: Json) -> Json:
    """The status is that of the enrolment; the enterprise has its own object, and its state is there."""
    in_force: Json = {"status": "active"}
    if case in WITH_TEXTS:
        in_force |= {"status_text": {"id": "Berlaku", "en": "In force"}, "phase": "open"}
    start = partial_date(old.get("enrolled_on"))
    return (
        {name: old[name] for name in ("programme_name", "year") if name in old}
        | {"agency": agency(old["agency"])}
        | in_force
        | ({"validity": {"start": start}} if start else {})
        | {name: old[name] for name in ("group",) if name in old}
        | {"holder": old["participant"]}
        | participant_enterprise(case, old)
        | {name: old[name] for name in ("grant",) if name in old}
        | location(old)
    )


def participant_enterprise(case: str, old: Json) -> Json:
    """Return the enterprise of a participant, unless nothing is known of it."""
    moved = {"business_name": "name", "activity": "activity"}
    seen_on = partial_date(old.get("status_on"))
    found = {new: old[before] for before, new in moved.items() if before in old}
    found |= state(case, old) | ({"seen_on": seen_on} if seen_on else {})
    return {"enterprise": found} if found else {}


def enterprise(case: str, old: Json) -> Json:
    """The NIB is an identifier, exact unless it was repaired; the kelurahan is in the location."""
    body: Json = {name: old[name] for name in ("name", "activity") if name in old}
    if "kbli" in old:
        body["kbli"] = {"scheme": old["kbli"]["system"], "code": old["kbli"]["code"]}
    if "nib" in old:
        exact = case != "enterprise-lost-zero-nib"
        body["identifiers"] = [{"scheme": "nib", "value": old["nib"], "exact": exact}]
    return body | {"year": old["year"], "agency": agency(old["agency"])} | state(case, old) | location(old)


def programme(_case: str, old: Json) -> Json:
    """The agency is a reference, and the last day to register has the name that filters have."""
    body = {{"registration_until": "closes_on"}.get(name, name): value for name, value in old.items()}
    return body | {"agency": agency(old["agency"])}


def state(case: str, old: Json) -> Json:
    """Return the state of the enterprise; a word that is not in the table makes it unknown."""
    status = old.get("status") or ("unknown" if case in UNREAD_STATE else None)
    if status is None:
        return {}
    phase, indonesian, english = STATES[status]
    texts = {"status_text": {"id": indonesian, "en": english}, "phase": phase}
    return {"status": status} | (texts if case in WITH_TEXTS else {})


def agency(code: str) -> Json:
    """Return the reference: by id, or by the name that the system has for an agency that is not in the table."""
    return {"id": code} if code in AGENCIES else {"name": {"id": code, "en": None}}


def location(old: Json) -> Json:
    """Return the location of a record whose kelurahan is known."""
    return {"location": {"region": old["region"]}} if "region" in old else {}


def partial_date(old: Json | None) -> str | None:
    """Return the date as a text with the known parts only."""
    if old is None:
        return None
    length = {"year": 4, "month": 7, "day": 10}[old["precision"]]
    return str(old["value"])[:length]


def doubt(resource: str, old: Json, row: Json) -> Json:
    """Move the pointer; correct the code of a number that is not one of its kind; add an unknown word."""
    if "field" not in old:
        return old
    field = POINTERS[resource].get(old["field"], old["field"])
    new = {"code": old["code"], "field": field}
    malformed = resource == "enterprise" and old["code"] == "number-ambiguous"
    repaired = field == "/identifiers/0" and isinstance(row["NIB"], int) and len(str(row["NIB"])) == 12
    if malformed and not repaired:
        new["code"] = "number-form"
    if resource == "programme" and old["code"] == "code-unknown":
        new["original"] = row["SKPD"]
    return new


def at_head(path: Path) -> Json:
    """Return the document at HEAD."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    document: Json = json.loads(shown)
    return document


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.out.json")):
        try:
            before = at_head(path)
        except subprocess.CalledProcessError:
            continue  # a case that was added with the new schema
        row = at_head(path.with_name(path.name.replace(".out.", ".in.")))
        after = migrated(path.name.removesuffix(".out.json"), before, row)
        path.write_text(json.dumps(after, indent=1, ensure_ascii=False) + "\n", "utf-8")
