"""The committed document of the adapter protocol is what the models say, and a valid one."""

import json
from pathlib import Path

from gateway.cli.documents import documents

COMMITTED = Path("openapi/adapter-protocol.json")
DOCUMENT = json.loads(COMMITTED.read_bytes())


def test_the_committed_document_is_current() -> None:
    made = documents(Path("openapi/gerbang.json"))
    assert made[COMMITTED] == COMMITTED.read_text("utf-8"), "run make openapi and commit it"


def test_every_reference_leads_somewhere() -> None:
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for inner in value.values() for found in references(inner)]
        return [found for inner in value for found in references(inner)] if isinstance(value, list) else []

    for reference in references(DOCUMENT):
        found = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    assert not [name for name in DOCUMENT["components"]["schemas"] if "__" in name]


def test_no_personal_number_can_stand_in_an_address() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for verb, operation in operations.items():
            names = [reference["$ref"].rpartition("/")[2] for reference in operation["parameters"]]
            places = {DOCUMENT["components"]["parameters"][name]["in"] for name in names}
            assert places <= {"path", "header"}
            assert verb == ("get" if path in ("/adapter", "/probe") else "post")
