"""What Schemathesis does not check is no more than what its configuration gives a reason for."""

import tomllib
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[1] / "e2e" / "schemathesis.toml"


def test_one_check_is_left_out_and_only_where_there_is_a_cursor(operations):
    settings = tomllib.loads(CONFIGURATION.read_text("utf-8"))
    assert "checks" not in settings
    (excluded,) = settings["operations"]
    assert excluded["checks"] == {"positive_data_acceptance": {"enabled": False}}
    with_cursor = [
        name
        for name, operation in operations.items()
        if any(parameter.get("name") == "cursor" for parameter in operation["parameters"])
    ]
    assert sorted(excluded["include-operation-id"]) == sorted(with_cursor)
