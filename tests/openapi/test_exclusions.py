"""What Schemathesis does not check is no more than what its configuration gives a reason for."""

import tomllib
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[1] / "e2e" / "schemathesis.toml"


def test_one_check_is_left_out_and_only_where_there_is_a_cursor(operations):
    settings = tomllib.loads(CONFIGURATION.read_text("utf-8"))
    assert "checks" not in settings
    excluded, refused = settings["operations"]
    assert excluded["checks"] == {"positive_data_acceptance": {"enabled": False}}
    with_cursor = [
        name
        for name, operation in operations.items()
        if any(parameter.get("name") == "cursor" for parameter in operation["parameters"])
    ]
    assert sorted(excluded["include-operation-id"]) == sorted(with_cursor)
    # The other table leaves no check out: it names what a refusal of this one body may be, and success is none of it.
    assert refused["include-operation-id"] == ["registerClient"]
    assert refused["checks"] == {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 413, 415, 422]}}
