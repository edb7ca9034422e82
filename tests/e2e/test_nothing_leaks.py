"""After all other end-to-end tests: what they left behind holds no NIK, no token, and no secret in clear."""

import json

from tests.e2e.conftest import Demo, kept_by_the_gateway, secrets_of
from tests.leaks import leaks


def test_what_the_gateway_has_kept_holds_nothing_in_clear(demo: Demo) -> None:
    secret = secrets_of(demo.home)
    found = {leak for name, content in kept_by_the_gateway(demo.home) for leak in leaks(name, content, secret)}
    assert found == set()


def test_no_problem_answer_tells_what_was_asked_or_kept(demo: Demo) -> None:
    secret = secrets_of(demo.home)
    assert {leak for problem in demo.problems for leak in leaks("problem", problem.encode(), secret)} == set()


def test_nothing_was_complained_about(demo: Demo) -> None:
    assert demo.complained == ""
    assert {leak for leak in leaks("output", demo.said.encode(), {}) if "token" not in leak} == set()


def test_the_log_is_json_and_every_personal_request_of_it_is_on_record(demo: Demo) -> None:
    lines = [json.loads(line) for line in (demo.home / "gateway.log").read_text("utf-8").splitlines()]
    assert lines
    for line in lines:
        assert {"at", "level", "logger", "message"} <= set(line)
        assert "/apl_" not in json.dumps(line)
    shown = {
        line["request_id"]
        for line in lines
        if line.get("route", "").startswith(("/v1/me", "/v1/me/applications")) and line.get("status") == 200
    }
    recorded = {value.decode() for name, value in kept_by_the_gateway(demo.home) if name == "access_entries.request_id"}
    assert shown <= recorded


def test_the_scan_finds_what_it_looks_for(demo: Demo) -> None:
    """Or else it would prove nothing."""
    secret = secrets_of(demo.home)
    assert len(secret) > 10
    password = secret["password of resident"]
    hidden = b"x 6371994502900011 " + demo.token("resident").encode() + b" " + password
    assert len(leaks("here", hidden, secret)) == 3
