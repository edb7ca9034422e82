"""Unhandled errors are answered as problems, with request id and timings, and without the error's message."""

import logging

import httpx
import pytest
from starlette.responses import StreamingResponse

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings
from tests.databases import lay_tables

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(tmp_path):
    settings = load_settings(mode=Mode.DEMO, home=tmp_path, port=8000)
    lay_tables(settings.database)
    made = create_app(settings, registry=Registry(()))

    async def break_down() -> None:
        raise ValueError("6371994502900011")

    async def break_off() -> StreamingResponse:
        async def part():
            yield b"begun"
            raise ValueError("6371994502900011")

        return StreamingResponse(part())

    made.add_api_route("/break-down", break_down, response_model=None)
    made.add_api_route("/break-off", break_off, response_model=None)
    return made


def _client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")


async def test_an_unhandled_error_is_a_problem_and_logged_without_its_message(app, caplog):
    async with _client(app) as http:
        with caplog.at_level(logging.INFO):
            answer = await http.get("/break-down", headers={"X-Request-Id": "abc"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc"
    assert answer.headers["server-timing"].startswith("total;dur=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "6371994502900011" not in answer.text + caplog.text
    (fault,) = [record for record in caplog.records if record.message == "fault"]
    assert (fault.error, fault.request_id) == ("ValueError", "abc")
    assert fault.reason.rpartition(":")[2].isdigit()
    (line,) = [record for record in caplog.records if record.message == "request"]
    assert line.status == 500


async def test_an_error_after_the_start_of_an_answer_aborts_it(app):
    async with _client(app) as http:
        with pytest.raises(ValueError, match="6371994502900011"):
            await http.get("/break-off")
