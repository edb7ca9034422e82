"""The OpenAPI document is made once, and the interactive documentation loads files of the gateway only."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.app import create_app
from gateway.cli.documents import document_text
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings
from tests.databases import lay_tables

ORIGIN = "http://localhost:8000"
LINK = re.compile(r'(?:src|href)="([^"]*)"')
ADDRESS = re.compile(r"\bhttps?:|//[a-z]")

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = load_settings(mode=Mode.DEMO, home=tmp_path, port=8000)
    lay_tables(settings.database)
    app = create_app(settings, registry=Registry(()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        yield client


async def test_the_page_loads_files_of_this_origin_only(http):
    page = await http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    links = LINK.findall(page.text)
    assert {link.rpartition(".")[2] for link in links} == {"css", "js", "png", "/"}
    for link in links:
        assert link == "/" or link.startswith("/docs/")
        found = await http.get(link)
        assert found.status_code == 200
        assert found.content
    assert not ADDRESS.search(page.text)
    assert not ADDRESS.search((await http.get("/docs/start.js")).text)


async def test_the_browser_is_forbidden_every_other_host_and_every_inline_script(http):
    policy = dict(
        part.strip().split(" ", 1) for part in (await http.get("/docs")).headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    page = (await http.get("/docs")).text
    assert "<script>" not in page
    assert not re.search(r"\son[a-z]+=", page)


@pytest.mark.parametrize("name", ["swagger-ui.js.map", "..%2f__init__.py", "redoc.standalone.js", "%00"])
async def test_only_its_own_files_are_served(http, name):
    answer = await http.get(f"/docs/assets/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["docs_start.js", "start.py", "..%2fdocs.py", "%00"])
async def test_only_the_start_script_and_styles_are_served_beside_the_page(http, name):
    answer = await http.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_document_that_it_shows_is_the_committed_one_for_this_host(http):
    served = (await http.get("/openapi.json")).json()
    committed = httpx.Response(200, text=document_text()).json()
    assert served.pop("servers") == [{"url": "/", "description": "Gerbang"}]
    committed.pop("servers")
    assert served == committed


async def test_the_document_is_made_and_written_once(http, monkeypatch):
    made = []
    monkeypatch.setattr("gateway.api.docs.to_json", lambda document: made.append(document) or b"{}")
    answers = [await http.get("/openapi.json") for _ in range(2)]
    assert [answer.content for answer in answers] == [b"{}"] * 2
    assert len(made) == 1
