"""A client generated from the document of this release reads the answers of a later one (docs/decisions/0021).

The answers are those of the demonstration and the document's own examples, with new values, codes, fields and records
in them. Two validators of JSON Schema and two generated clients read them.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from tests.e2e.conftest import OFFICER_PURPOSE, ROOT, Demo
from tests.e2e.later_answers import (
    LATER_FIELD,
    LATER_ID,
    LATER_RESOURCE,
    Answer,
    LaterRelease,
    answer_schemas,
    examples,
    open_values,
    validator,
)
from tests.e2e.test_generated_clients import ALMOST_NODE, STRICT, python_client
from tests.peers.node import HERE as PEERS
from tests.peers.node import Peers

COMMITTED = ROOT / "openapi" / "gerbang.json"
DOCUMENT = json.loads(COMMITTED.read_text("utf-8"))
ACCOUNTS: dict[str, dict[str, str]] = {"resident": {}, "officer-mantuil": OFFICER_PURPOSE, "operator": {}}
QUERIES = {"searchEverything": "?q=jalan"}
NOT_ASKED = {"listMyVisits", "listCodeValues", "listConsultationContributions", "listTransitDepartures"}
"""Lists that need a second factor or belong to one object: of them there are the document's examples."""
MIXED = {"OverviewItem", "SearchItem", "AnyCase", "AnyEntitlement", "AnyBooking", "AnyPlace", "AnyNotice"}
READER = """\
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { components } from "./gerbang.js";

type Schemas = components["schemas"];
type Answer = { operation: string; schema: string; value: unknown };

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const [, , document = "", later = ""] = process.argv;
const answers = read(later) as Answer[];
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(read(document) as object, "gerbang");
for (const { operation, schema, value } of answers) {
  if (!ajv.validate({ $ref: `gerbang#/components/schemas/${schema}` }, value)) {
    throw new Error(`${operation}: ${ajv.errorsText()}`);
  }
}

function state(source: Schemas["Source"]): string {
  switch (source.state) {
    case "fresh":
    case "held":
      return "complete";
    default:
      return source.state;
  }
}

function status(item: Schemas["OverviewItem"]): string {
  const known = item as Schemas["KnownOverviewItem"];
  switch (known.resource) {
    case "resident":
      return known.sex ?? "";
    case "enrolment":
      return known.programme?.name ?? "";
    case "application":
    case "appointment":
    case "bill":
    case "booking":
    case "case":
    case "complaint":
    case "entitlement":
    case "proposal":
      return known.status ?? "";
    default:
      return `${item.resource} ${item.id} of ${item.provenance.system}`;
  }
}

const overviews = answers.filter((answer) => answer.schema === "OverviewList");
const shown = overviews.map(({ value }) => {
  const { items, sources } = value as Schemas["OverviewList"];
  return { items: items.map(status), sources: sources.map(state) };
});
const cases = answers.filter((answer) => answer.schema === "AnyCaseList");
const listed = cases.flatMap(({ value }) =>
  (value as Schemas["AnyCaseList"]).items.map((one) => `${one.resource} ${one.status}`),
);
console.log(JSON.stringify({ shown, listed }));
"""
NODE_FILES = 'declare module "node:fs" { export function readFileSync(path: string, encoding: "utf8"): string; }\n'


def ask(demo: Demo) -> Iterator[Answer]:
    """The demonstration's answer to each operation that reads, by the first account that may; of records, the first."""
    first: dict[str, str] = {}
    schemas = answer_schemas(DOCUMENT)
    for path, methods in sorted(DOCUMENT["paths"].items()):
        operation = methods.get("get", {}).get("operationId")
        parent, _, last = path.rpartition("/")
        if operation not in schemas or "{" in parent or ("{" in last and parent not in first):
            continue
        address = f"{parent}/{first[parent]}" if "{" in last else path
        for account, headers in ACCOUNTS.items():
            response = demo.get(address + QUERIES.get(operation, ""), account, **headers)
            if response.status_code == 200:
                value = response.json()
                if isinstance(value, dict) and value.get("items") and "id" in value["items"][0]:
                    first[path] = value["items"][0]["id"]
                yield Answer(operation, schemas[operation], value)
                break


@pytest.fixture(scope="module")
def release() -> LaterRelease:
    return LaterRelease(DOCUMENT)


@pytest.fixture(scope="module")
def later(demo: Demo, release: LaterRelease) -> list[Answer]:
    demo.whole()
    asked = list(ask(demo))
    reads = {methods["get"]["operationId"] for methods in DOCUMENT["paths"].values() if "get" in methods}
    lists = {name for name in answer_schemas(DOCUMENT).keys() & reads if name.startswith("list")}
    assert {answer.operation for answer in asked} >= lists - NOT_ASKED
    features = demo.get("/v1/places", Accept="application/geo+json").json()
    return [
        release.renew(one) for one in [*examples(DOCUMENT), *asked, Answer("places", "FeatureCollection", features)]
    ]


def test_the_later_release_adds_something_of_every_kind(later: list[Answer], release: LaterRelease) -> None:
    assert {answer.operation for answer in later} >= answer_schemas(DOCUMENT).keys()
    assert release.mixed == MIXED
    assert open_values(DOCUMENT) == release.values
    assert release.objects > 1000
    for answer in later:
        assert LATER_FIELD in answer.value


def test_every_later_answer_is_valid_by_the_document_before_it(later: list[Answer]) -> None:
    validate(DOCUMENT, later)


@pytest.mark.parametrize("closed", ["SourceState", "DoubtCode", "CaseStatus"])
def test_a_document_that_closed_a_list_of_values_would_refuse_them(later: list[Answer], closed: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    schema = document["components"]["schemas"][closed]
    schema["enum"] = list(schema["x-value-titles"])
    with pytest.raises(ValidationError):
        validate(document, later)


@pytest.mark.parametrize("mixed", ["Overview", "Search"])
def test_a_document_without_other_records_would_refuse_them(later: list[Answer], mixed: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    schemas = document["components"]["schemas"]
    schemas[f"{mixed}Item"] = schemas[f"Known{mixed}Item"]
    with pytest.raises(ValidationError):
        validate(document, later)


def test_a_client_in_typescript_reads_them(later: list[Answer], peers: Peers, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(PEERS / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "node.d.ts").write_text(ALMOST_NODE, "utf-8")
    (tmp_path / "files.d.ts").write_text(NODE_FILES, "utf-8")
    (tmp_path / "reader.ts").write_text(READER, "utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT}), "utf-8")
    (tmp_path / "later.json").write_text(as_json(later), "utf-8")
    peers.run("node_modules/openapi-typescript/bin/cli.js", str(COMMITTED), "-o", str(tmp_path / "gerbang.d.ts"))
    peers.run("node_modules/typescript/bin/tsc", "--project", str(tmp_path))
    read = json.loads(peers.run(str(tmp_path / "reader.js"), str(COMMITTED), str(tmp_path / "later.json")))
    overviews = [answer.value for answer in later if answer.schema == "OverviewList"]
    assert len(read["shown"]) == len(overviews)
    for shown, overview in zip(read["shown"], overviews, strict=True):
        *known, other = shown["items"]
        assert other == f"{LATER_RESOURCE} {LATER_ID} of {overview['items'][-1]['provenance']['system']}"
        assert any(text.startswith("later-") for text in known)
        assert all(text.startswith("later-") for text in shown["sources"])
    assert [one for one in read["listed"] if one.startswith(f"{LATER_RESOURCE} later-")]


def test_a_client_in_python_reads_them(later: list[Answer], tmp_path: Path) -> None:
    client = python_client(tmp_path)
    classes = json.loads(client.python(PEERS / "read_answers.py", stdin=as_json(later)))
    assert classes.keys() == {answer.operation for answer in later}
    for operation, other in (("getMyOverview", "OtherOverviewItem"), ("searchEverything", "OtherSearchItem")):
        *known, last = classes[operation]
        assert last == [other, LATER_RESOURCE]
        assert known
        # The class of a known record is its resource's, although its fields have new values.
        assert all(name.lower() == resource for name, resource in known)
    assert classes["listMyCases"][-1] == ["AnyCase", LATER_RESOURCE]


def validate(document: dict[str, Any], answers: list[Answer]) -> None:
    for answer in answers:
        validator(document, answer.schema).validate(answer.value)


def as_json(answers: list[Answer]) -> str:
    return json.dumps([{"operation": one.operation, "schema": one.schema, "value": one.value} for one in answers])
