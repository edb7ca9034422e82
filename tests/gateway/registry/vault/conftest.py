"""An adapter with secrets, its table, and a database with a vault in it."""

import sys
from dataclasses import replace
from types import ModuleType

import pytest
from pydantic import Field, SecretStr

from adapters.contract import HttpOfficeSettings, SftpServer
from gateway.ground.clock import now
from gateway.ground.sealing import Sealer
from gateway.registry.registry import describe_systems, load_registry
from gateway.registry.vault.admin import VaultAdministration
from tests.databases import open_database
from tests.gateway.fakes import Fake

TOML = """
[[offices]]
id = "north"
base_url = "http://127.0.0.1:9"

[[offices]]
id = "south"
base_url = "http://127.0.0.1:9"
sftp = { host = "127.0.0.1", host_keys = ["ssh-ed25519 AAAA"], username = "gerbang" }
"""


class OurSettings(HttpOfficeSettings):
    """Two secrets of its own, and those of a server."""

    password: SecretStr = Field(description="Password", min_length=4)
    token: SecretStr | None = Field(default=None, description="Token")
    sftp: SftpServer | None = Field(default=None, description="Server")


@pytest.fixture
def builtin(monkeypatch):
    """The adapter `register`, named by text."""
    module = ModuleType("adapter_with_secrets")
    module.SPEC = replace(Fake("register").spec, settings=OurSettings)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return {"register": module.__name__}


@pytest.fixture
def systems(tmp_path):
    """The folder of systems."""
    folder = tmp_path / "systems"
    folder.mkdir()
    (folder / "register.toml").write_text(TOML, "utf-8")
    return folder


@pytest.fixture
def tables(builtin, systems):
    """What is said of the offices north and south."""
    ((_, found),), _ = describe_systems([systems], builtin)
    return {table.id: table for table in found}


@pytest.fixture
def load(builtin, systems):
    """Reads the registry, with secrets of the vault."""
    return lambda secrets: load_registry([systems], builtin, secrets=secrets)


@pytest.fixture
def sealer():
    return Sealer(bytes(range(32)))


@pytest.fixture
async def database(database_url, anyio_backend):
    made = open_database(database_url)
    yield made
    await made.aclose()


@pytest.fixture
def vault(database, sealer):
    return VaultAdministration(database, sealer, now)
