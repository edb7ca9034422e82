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

NOT_BY_THE_APP = {
    "adapters.remote": "its models are for systems that are configured as remote",
    "aiohttp": "reaches systems over HTTP: loaded for those that are configured",
    "gateway.upstream.http.soap": "as above, by SOAP",
    "aiomysql": "reaches MariaDB: as above",
    "alembic": "changes tables: for `migrate` and the demo",
    "asyncssh": "reaches servers with SFTP: as above",
    "httpx": "asks other issuers, and brings a command line of its own (rich, pygments, click)",
    "icalendar": "writes calendars",
    "lxml": "writes SOAP envelopes",
    "openpyxl": "for the simulators and tests",
    "phonenumbers": "reads telephone numbers",
    "psycopg": "the driver of PostgreSQL, where that is the database",
    "rich": "prints help",
    "segno": "draws QR codes",
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
        (HTTP, "gateway.upstream.http.engine"),
        (FileOfficeSettings(folder="/in", sftp=SERVER), "gateway.upstream.files.sftp"),
        (SqlOfficeSettings(url=SecretStr("mariadb://u:p@h/d")), "gateway.upstream.sql.mariadb_connection"),
        (SqlOfficeSettings(url=SecretStr("postgresql://u:p@h/d")), "psycopg"),
    ],
)
def test_what_reaches_a_configured_office_is_loaded_at_the_start(monkeypatch, settings, module):
    loaded = []
    monkeypatch.setattr(preload, "import_module", loaded.append)
    preload.load_transports([of_http(settings, settings)])
    assert loaded == [module]


def test_soap_is_loaded_at_the_start_for_a_system_that_speaks_it(monkeypatch):
    loaded = []
    monkeypatch.setattr(preload, "import_module", loaded.append)
    preload.load_transports([of_http(HTTP), (rtmc.SPEC, [HTTP])])
    assert loaded == ["gateway.upstream.http.engine", "gateway.upstream.http.soap"]


@pytest.mark.parametrize(
    "settings", [FileOfficeSettings(folder="/in"), SqlOfficeSettings(url=SecretStr("sqlite:////in/d.db"))]
)
def test_files_of_this_machine_need_no_library(monkeypatch, settings):
    monkeypatch.setattr(preload, "import_module", pytest.fail)
    preload.load_transports([of_http(settings)])


def test_the_newest_revision_by_file_name_is_the_head_of_the_migrations():
    assert newest_revision() == ScriptDirectory.from_config(_config()).get_current_head()
