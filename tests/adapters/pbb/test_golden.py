"""Every golden pair: what an item becomes, or why it is set aside."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from adapters.errors import UnusableRecordError
from adapters.remote.wire import Item
from schemas.texts import KEEP
from tests.adapters.pbb.conftest import ROOT, granted

CASES = sorted(Path(__file__).parent.glob("bill-*.in.json"))
DOCUMENT = json.loads((ROOT / "openapi" / "adapter-protocol.json").read_bytes())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.partition(".")[0])
def test_a_pair(case: Path) -> None:
    row = granted().reads[0]
    expected = json.loads(case.with_name(case.name.replace(".in.", ".out.")).read_bytes())
    item = Item.model_validate_json(case.read_bytes())
    if "set_aside" in expected:
        with pytest.raises(UnusableRecordError) as raised:
            row.normalise(item)
        assert str(raised.value) == expected["set_aside"]
        return
    normal = row.normalise(item)
    assert normal.body.model_dump(mode="json", context=KEEP) == expected["body"]
    assert [doubt.model_dump(mode="json") for doubt in normal.doubts] == expected["doubts"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.partition(".")[0])
def test_the_document_draws_the_same_line(case: Path) -> None:
    """What we set aside for its shape is not valid by the committed document either, as far as JSON Schema can say."""
    if "bomb" in case.name:
        pytest.skip("the size of an amount is not in the schema")
    schema = {"$ref": "#/components/schemas/Bill", "components": DOCUMENT["components"]}
    valid = Draft202012Validator(schema).is_valid(json.loads(case.read_bytes())["body"])
    expected = json.loads(case.with_name(case.name.replace(".in.", ".out.")).read_bytes())
    assert valid is ("body" in expected)
