"""The examples of the document are answers that this gateway could give."""

import json
import re

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from gateway.api.openapi.examples.answers import EXAMPLES, examples_of
from schemas.classes import DataClass
from schemas.envelope import DENIAL_CAUSES, Cause

NUMBER = re.compile(r"\d{16}")
SYNTHETIC = "637199"


@pytest.fixture(scope="module")
def closed(document):
    """The document's components, in which answers have no field that is not named."""
    components = json.loads(json.dumps(document["components"]))
    for schema in components["schemas"].values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    return components


def _shown(operations):
    """Each place where an example is shown: operation, status, schema, name of the example."""
    for name, operation in operations.items():
        for status, answer in operation["responses"].items():
            for media in answer.get("content", {}).values():
                for reference in media.get("examples", {}).values():
                    yield name, status, media["schema"], reference["$ref"].rpartition("/")[2]


def test_every_example_is_valid_where_it_is_shown(operations, closed):
    places = list(_shown(operations))
    assert {name for *_, name in places} == set(closed["examples"])
    for operation, status, schema, name in places:
        validator = Draft202012Validator({**schema, "components": closed}, format_checker=FormatChecker())
        problems = [
            f"{error.json_path}: {error.message}" for error in validator.iter_errors(closed["examples"][name]["value"])
        ]
        assert not problems, (operation, status, name)


def test_an_example_with_a_field_too_many_would_be_seen(closed):
    example = closed["examples"]["ServiceList"]["value"]
    schema = {"$ref": "#/components/schemas/ServiceList", "components": closed}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert validator.is_valid(example)
    assert not validator.is_valid({**example, "more": 1})
    assert not validator.is_valid({name: value for name, value in example.items() if name != "complete"})


def test_every_good_json_answer_shows_an_example(operations):
    for name, operation in operations.items():
        if "204" in operation["responses"]:
            continue
        media = operation["responses"]["200"]["content"].get("application/json")
        assert media is None or media["examples"], name


def test_problem_examples_stand_under_their_own_status(operations, document):
    for operation, status, _, name in _shown(operations):
        value = document["components"]["examples"][name]["value"]
        if "status" in value and "type" in value:
            assert str(value["status"]) == status, (operation, name)


def test_a_problem_of_several_sources_is_shown_with_several_causes(document):
    examples = document["components"]["examples"]
    assert len({source["cause"] for source in examples["sources-failed"]["value"]["sources"]}) > 1
    for cause in set(Cause) - DENIAL_CAUSES:
        (source,) = examples[cause]["value"]["sources"]
        assert (source["state"], source["cause"], examples[cause]["value"]["complete"]) == ("failed", cause, False)
    for slug in ("invalid-request", "personal-number", "not-acceptable"):
        assert examples[slug]["value"]["errors"], slug


def test_a_personal_number_is_masked_in_answers_and_synthetic_everywhere(generated, document):
    assert not NUMBER.search(json.dumps(document["components"]["examples"]))
    assert "************0011" in generated
    numbers = NUMBER.findall(generated)
    assert numbers
    assert all(number.startswith(SYNTHETIC) for number in numbers)


def test_an_officer_is_shown_nothing_specific(document):
    fields = document["components"]["schemas"]["Resident"]["properties"]
    hidden = [name for name, field in fields.items() if field["x-data-class"] == DataClass.SPECIFIC]
    assert hidden
    own, officers = (
        document["components"]["examples"][name]["value"]["items"][0]
        for name in ("ResidentList", "ResidentListForOfficer")
    )
    assert all(own[name] is not None and officers[name] is None for name in hidden)


def test_an_incomplete_answer_says_what_failed():
    for name in ("OverviewListIncomplete", "AppointmentListIncomplete"):
        made = EXAMPLES[name][1]()
        assert made["complete"] is False
        (partial,) = (source for source in made["sources"] if source["state"] == "partial")
        assert [(office["state"], office["cause"]) for office in partial["offices"]] == [("failed", "timeout")]
    assert examples_of("OverviewList") == ("OverviewList", "OverviewListIncomplete")
