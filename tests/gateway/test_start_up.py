"""Programs load what they need and no more; what a configuration needs is loaded at the start, not at the first use."""

import json
import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory
from pydantic import HttpUrl, SecretStr

from adapters import dukcapil, rtmc
from adapters.contract import FileOfficeSettings, HttpOfficeSettings, SftpServer, SqlOfficeSettings
from gateway.storage.migration import _config, newest_revision
from gateway.upstream import preload
from gateway.upstream.settings import UpstreamSettings

NOT_BY_THE_APP = {
    "adapters.remote": "its models are for systems that are configured as remote",
    "aiohttp": "the reference HTTP engine, where the settings choose it",
    "gateway.api.openapi.document": "makes the OpenAPI document at its first request",
    "gateway.api.openapi.examples": "as above",
    "gateway.upstream.http.soap": "reaches systems by SOAP: loaded for those that are configured",
    "aiomysql": "reaches MariaDB: as above",
    "alembic": "changes tables: for `migrate` and the demo",
    "asyncssh": "reaches servers with SFTP: as above",
    "httpx": "asks other issuers, and brings a command line of its own (rich, pygments, click)",
    "icalendar": "writes calendars",
    "jinja2": "renders the pages of signing in",
    "lxml": "writes SOAP envelopes",
    "openpyxl": "for the simulators and tests",
    "phonenumbers": "reads telephone numbers",
    "psycopg": "the driver of PostgreSQL, where that is the database",
    "rich": "prints help",
    "segno": "draws QR codes",
    "selectolax": "parses HTML pages of systems",
    "sqlalchemy.dialects.mysql": "as aiomysql",
    "sqlalchemy.dialects.postgresql": "as psycopg",
    "typer": "the command line",
    "uvicorn": "serves; the app does not know by whom it is served",
    "webauthn": "proves passkeys",
    "zxcvbn": "judges new passwords",
}
"""Modules that importing the app must not load, each with the reason. Together they doubled the time of the import."""

NOT_BY_THE_COMMAND_LINE = {
    "asyncio": "a quarter of the time of help or a refusal",
    "fastapi": "the command line answers without the API",
    "gateway.app": "as above",
    "httpx": "only the city's control APIs are asked by it",
    "pydantic": "settings are read by commands that need them",
    "schemas": "as above",
    "sqlalchemy": "as above",
}
NOT_BY_THE_CITY = {
    "httpx": "for the simulator that calls back, when it does",
    "openpyxl": "for the process of the simulator that writes workbooks",
    "sqlalchemy": "for the process of the simulator that has a database",
}


def loaded_by(statement: str) -> set[str]:
    """The modules in a new process after the statement."""
    code = f"import json, sys\n{statement}\njson.dump(sorted(sys.modules), sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stderr))


@pytest.mark.processes
def test_importing_the_app_loads_no_library_for_what_few_requests_need():
    assert loaded_by("import gateway.app") & NOT_BY_THE_APP.keys() == set()


@pytest.mark.processes
def test_help_loads_the_command_line_and_nothing_behind_it():
    help_shown = """
import contextlib, gateway.cli
sys.argv = ["gerbang", "--help"]
with contextlib.suppress(SystemExit):
    gateway.cli.main()
"""
    assert loaded_by(help_shown) & NOT_BY_THE_COMMAND_LINE.keys() == set()


@pytest.mark.processes
def test_the_city_learns_which_simulators_it_has_without_the_libraries_of_each():
    script = "from pathlib import Path\nimport simulators.city\nsimulators.city.plan_processes(Path('x'), ())"
    assert loaded_by(script) & NOT_BY_THE_CITY.keys() == set()


SERVER = SftpServer(host="h", host_keys=("ssh-ed25519 AAAA",), username="u", password=SecretStr("p"))
HTTP = HttpOfficeSettings(base_url=HttpUrl("https://system.example"))


def of_http(*offices):
    """A system over HTTP with these offices."""
    return dukcapil.SPEC, offices


@pytest.mark.parametrize(
    ("settings", "module"),
    [
        (FileOfficeSettings(folder="/in", sftp=SERVER), "gateway.upstream.files.sftp"),
        (SqlOfficeSettings(url=SecretStr("mariadb://u:p@h/d")), "gateway.upstream.sql.mariadb_connection"),
        (SqlOfficeSettings(url=SecretStr("postgresql://u:p@h/d")), "psycopg"),
    ],
)
def test_what_reaches_a_configured_office_is_loaded_at_the_start(monkeypatch, settings, module):
    loaded = []
    monkeypatch.setattr(preload, "import_module", loaded.append)
    preload.load_transports([of_http(settings, settings)], UpstreamSettings())
    assert loaded == [module]


def test_the_reference_engine_is_loaded_at_the_start_where_the_settings_choose_it(monkeypatch):
    loaded = []
    monkeypatch.setattr(preload, "import_module", loaded.append)
    preload.load_transports([of_http(HTTP, HTTP)], UpstreamSettings())
    assert loaded == []  # our own engine is loaded with the app
    preload.load_transports([of_http(HTTP, HTTP)], UpstreamSettings(engine="aiohttp"))
    assert loaded == ["gateway.upstream.http.aiohttp_engine"]


@pytest.mark.processes
def test_a_request_by_our_own_engine_loads_no_aiohttp():
    script = """
import asyncio
from datetime import timedelta
from adapters import dukcapil
from adapters.contract import Http, HttpOfficeSettings
from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpRequest
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams

async def ask():
    settings = HttpOfficeSettings.model_validate({"base_url": "http://127.0.0.1:1"})
    upstreams = Upstreams(MemoryShared(clock=now), now)
    deadline = Deadline.after(timedelta(seconds=5))
    call = upstreams.call(dukcapil.SPEC, None, settings, Http(), deadline=deadline)
    try:
        await call.up.send(HttpRequest("GET", "/"))
    except UpstreamUnavailableError:
        pass
    await upstreams.aclose()

asyncio.run(ask())
"""
    assert "aiohttp" not in loaded_by(script)


def test_soap_is_loaded_at_the_start_for_a_system_that_speaks_it(monkeypatch):
    loaded = []
    monkeypatch.setattr(preload, "import_module", loaded.append)
    preload.load_transports([of_http(HTTP), (rtmc.SPEC, [HTTP])], UpstreamSettings())
    assert loaded == ["gateway.upstream.http.soap"]


@pytest.mark.parametrize(
    "settings", [FileOfficeSettings(folder="/in"), SqlOfficeSettings(url=SecretStr("sqlite:////in/d.db"))]
)
def test_files_of_this_machine_need_no_library(monkeypatch, settings):
    monkeypatch.setattr(preload, "import_module", pytest.fail)
    preload.load_transports([of_http(settings)], UpstreamSettings())


def test_the_newest_revision_by_file_name_is_the_head_of_the_migrations():
    assert newest_revision() == ScriptDirectory.from_config(_config()).get_current_head()
