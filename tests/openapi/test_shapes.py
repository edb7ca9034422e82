"""What the document promises of answers and fields."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from gateway.api.openapi.parameter_titles import OPERATION_PARAMETER_TITLES, PARAMETER_TITLES, title_of_parameter
from gateway.api.openapi.shapes import finish_schemas
from gateway.api.openapi.titles import SCHEMA_TITLES, UntitledError, title_of_schema
from gateway.api.own_records import OWN_RESOURCES
from schemas.code_lists import enumerations
from schemas.codes import Code, Status

ASKED = {"ResidentLookup", "VerificationCheck", "Registration", "Credentials", "ClientExpiry"}
"""The schemas of requests."""
STANDARD = {"KeySet"}
"""The schemas of requests that a standard lets grow."""
SPARSE = {"Source", "UnansweredOffice", "Problem", "FieldProblem"}
"""The schemas that leave out what does not apply."""


def _schemas(document, *, of=("object",)):
    return {name: schema for name, schema in document["components"]["schemas"].items() if schema.get("type") in of}


def _allows_null(field):
    return {"type": "null"} in field.get("anyOf", ())


def test_answers_may_grow_and_requests_may_not(document):
    for name, schema in _schemas(document).items():
        assert ("additionalProperties" in schema) == (name in ASKED | STANDARD), name
    assert all(document["components"]["schemas"][name]["additionalProperties"] is False for name in ASKED)


def test_what_an_answer_names_is_there_or_left_out_but_never_both(document):
    for name, schema in _schemas(document).items():
        if name in SPARSE:
            assert not any(_allows_null(field) for field in schema["properties"].values()), name
        elif name not in ASKED | STANDARD:
            assert schema["required"] == list(schema["properties"]), name


@pytest.mark.parametrize("name", ["Overview", "Search"])
def test_an_item_of_a_mixed_list_is_of_a_known_resource_or_of_a_later_one(document, name):
    schemas = document["components"]["schemas"]
    items = schemas[f"{name}List"]["properties"]["items"]["items"]
    assert items == reference(f"{name}Item")
    assert schemas[f"{name}Item"]["oneOf"] == [reference(f"Known{name}Item"), reference(f"Other{name}Item")]
    known = schemas[f"Known{name}Item"]["discriminator"]["mapping"]
    assert {each["$ref"] for each in schemas[f"Known{name}Item"]["oneOf"]} == set(known.values())
    for resource, target in known.items():
        schema = schemas[target.rpartition("/")[2]]
        assert schema["properties"]["resource"]["const"] == resource
        assert set(schemas[f"Other{name}Item"]["properties"]) < set(schema["properties"])
    assert set(schemas[f"Other{name}Item"]["properties"]["resource"]["not"]["enum"]) == set(known)


def test_the_overview_has_every_own_resource(document):
    known = document["components"]["schemas"]["KnownOverviewItem"]["discriminator"]["mapping"]
    assert set(known) == {resource.name for resource in OWN_RESOURCES}


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def test_every_value_of_every_enumeration_has_a_text_in_both_languages(document):
    titled = {n: s["x-value-titles"] for n, s in _schemas(document, of=("string",)).items() if "x-value-titles" in s}
    assert len(titled) >= len(enumerations())
    for name, titles in titled.items():
        assert titles, name
        assert all(text["id"] and text["en"] for text in titles.values()), name


def test_values_are_closed_where_they_are_asked_and_open_where_they_are_answered(document):
    schemas = document["components"]["schemas"]
    closed = {name: schema for name, schema in schemas.items() if "enum" in schema}
    assert closed
    for name, schema in closed.items():
        assert name.endswith("Choice")
        assert list(schema["x-value-titles"]) == schema["enum"], name
        same = schemas.get(name.removesuffix("Choice"), schema)
        assert same["x-value-titles"] == schema["x-value-titles"], name
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        answers = set(used_schemas(document, operation["responses"]))
        assert not answers & set(closed), operation["operationId"]
        for parameter in operation["parameters"]:
            for name in used_schemas(document, parameter):
                assert "x-value-titles" not in schemas[name] or name in closed, (operation["operationId"], name)


def test_a_schema_needs_no_name_that_a_generator_makes_up(document):
    """Objects are components, unions are of components or with null, and a number has a format."""
    for path, part in parts_of({"schemas": document["components"]["schemas"], "paths": document["paths"]}):
        if path[-2:-1] == ("schemas",):
            assert part.keys() & {"properties", "x-value-titles", "oneOf", "type"}, path
        elif part.get("type") == "object":
            assert "properties" not in part, path
            assert "additionalProperties" in part, path
        union = part.get("anyOf", ()) if isinstance(part.get("anyOf"), list) else ()
        assert len([kind for kind in union if kind != {"type": "null"}]) <= 1, path
        assert part.get("type") != "number" or part["format"] == "double", path


def parts_of(part, path=()):
    """Every object in a part of the document that can be a schema, with its path. Examples are none."""
    if isinstance(part, dict):
        yield path, part
        for name, child in part.items():
            if name not in {"examples", "x-value-titles", "x-title"}:
                yield from parts_of(child, (*path, name))
    if isinstance(part, list):
        for position, child in enumerate(part):
            yield from parts_of(child, (*path, position))


def used_schemas(document, part):
    """The names of the schemas in a part of the document, and of those in them."""
    schemas, found, waiting = document["components"]["schemas"], set(), [part]
    while waiting:
        names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(waiting.pop()))) - found
        found |= names
        waiting += [schemas[name] for name in names]
    return found


@pytest.mark.parametrize("kind", enumerations().values(), ids=lambda kind: kind.__name__)
def test_every_code_has_a_text_in_both_languages_and_every_status_a_phase(kind: type[Code]):
    for code in kind:
        assert code.text.id, code
        assert code.text.en, code
        if isinstance(code, Status):
            assert (code.phase is None) == (code.value == "unknown"), code


def test_no_title_is_kept_for_what_is_gone(document, operations):
    schemas = document["components"]["schemas"]
    suffixes = ("", "List", "Answer", "Choice")
    assert not [name for name in SCHEMA_TITLES if not any(f"{name}{suffix}" in schemas for suffix in suffixes)]
    used = {(name, each.get("name")) for name, operation in operations.items() for each in operation["parameters"]}
    assert not set(PARAMETER_TITLES) - {parameter for _, parameter in used}
    assert not set(OPERATION_PARAMETER_TITLES) - used


@pytest.mark.parametrize(
    ("operation", "parameter", "title"),
    [
        ("listPlans", "level", "Level of the plan"),
        ("listPlans", "code", "Prefix of the code"),
        ("listServices", "kind", "Code of the kind"),
        ("listMyBills", "year", "Year"),
        ("listProgrammes", "year", "Cohort (year)"),
        ("withdrawClient", "client_id", "Id of the client"),
        ("withdrawMyConsent", "client_id", "Id of the application"),
    ],
)
def test_a_parameter_says_what_it_is_in_its_operation(operations, operation, parameter, title):
    (told,) = [each for each in operations[operation]["parameters"] if each.get("name") == parameter]
    assert told["x-title"]["en"] == title


def test_an_untitled_schema_or_parameter_stops_the_document():
    with pytest.raises(UntitledError, match="Nameless"):
        title_of_schema("Nameless")
    with pytest.raises(UntitledError, match="nameless"):
        title_of_parameter("nameless", "listPlans")
    untitled = {"ResidentLookup": {"type": "object", "properties": {"nik": {"type": "string", "title": "Nik"}}}}
    with pytest.raises(UntitledError, match=r"ResidentLookup\.nik"):
        finish_schemas(untitled, frozenset())


def test_a_shape_is_titled_by_what_it_holds():
    assert title_of_schema("ApplicationList").id == "Daftar permohonan"
    assert title_of_schema("ApplicationList").en == "List: application"


def test_every_refusal_that_a_token_or_a_session_can_meet_is_named(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not operation["security"]:
                continue
            refusals = operation["responses"]["403"]["content"]["application/problem+json"]["examples"]
            # The token of a machine opens nothing here, and a cookie alone changes nothing.
            assert "forbidden" in refusals, (method, path)
            assert ("cross-site" in refusals) == (method != "get"), (method, path)


def test_a_token_at_hand_opens_what_signing_in_opens(operations):
    signed_in = [operation["security"] for operation in operations.values() if operation["security"]]
    assert signed_in
    for security in signed_in:
        scopes = security[0]["signIn"]
        # Where signing in is optional, no scope is needed for it either.
        optional = [] if scopes else [{}]
        assert security == [{"signIn": scopes}, {"accessToken": []}, {"webSession": []}, *optional]


def test_what_is_listed_can_be_opened(document, operations):
    """The queue of a clinic and a departure belong to one facility and one stop, and stand in a list of it alone."""
    opened, listed = set(), set()
    for operation in operations.values():
        schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        if name.endswith("Answer"):
            opened.add(name.removesuffix("Answer").removeprefix("Any"))
        if name.endswith("List"):
            listed |= {one.removeprefix("Any") for one in resources_of(document, name)}
    assert listed - opened == {"Queue", "Departure"}
    own = {name for name in operations if name.startswith(("listMy", "getMy"))}
    assert {name.replace("getMy", "listMy") + "s" for name in own if name.startswith("getMy")} >= {
        name for name in own if name.startswith("listMy") and name not in NOT_RECORDS
    }


NOT_RECORDS = {"listMyConsents", "listMyLinks", "listMySessions"}
"""Lists of the account, not of records."""


def resources_of(document, name):
    """The records in a list, by the names of their models. A record of a later resource is none of them."""
    schemas = document["components"]["schemas"]
    found, waiting = set(), [schemas[name]["properties"]["items"]["items"]]
    while waiting:
        one = waiting.pop()
        waiting += one.get("oneOf", [])
        if "$ref" in one:
            name = one["$ref"].rpartition("/")[2]
            waiting.append(schemas[name])
            if "provenance" in schemas[name].get("properties", {}) and not name.startswith("Other"):
                found.add(name)
    return found


def test_own_data_is_below_me(document, operations):
    paths = {operation["operationId"]: path for path, each in document["paths"].items() for operation in each.values()}
    for name, operation in operations.items():
        reach = operation["x-reach"]
        if reach["other-resident"] in {"own-only", "hidden"} and reach["no-token"] == "challenged":
            assert paths[name].startswith("/v1/me") or name == "getServiceReadiness", name


def test_the_document_has_the_version_of_the_package(document):
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert document["info"]["version"] == project["version"]
