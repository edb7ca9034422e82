"""Every import contract reports the offence that is made against it. All are made at once, in a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("walls")

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "adapters", "gateway", "conformance", "simulators")

OFFENCES = {
    "rooms": ("schemas/money.py", "import adapters.errors"),
    "simulators": ("simulators/people.py", "import schemas.money"),
    "judges": ("gateway/ground/clock.py", "import simulators.people"),
    "tests": ("gateway/registry/builtin.py", "import invented"),
    "suite": ("conformance/report.py", "import simulators.people"),
    "systems": ("adapters/dukcapil/client.py", "import adapters.e_kelurahan.wire"),
    "adapter-shape": ("adapters/dukcapil/normalise.py", "import adapters.dukcapil.client"),
    "frameworks": ("adapters/dukcapil/client.py", "import fastapi"),
    "pure-schemas": ("schemas/money.py", "import cryptography"),
    "naming-systems": ("gateway/ground/clock.py", "import adapters.dukcapil"),
    "rooms-of-the-gateway": ("gateway/storage/engine.py", "import gateway.policy.masks"),
    "sign-in-and-data": ("gateway/identity/passwords.py", "import gateway.upstream.office_ref"),
    "data-and-sign-in": ("gateway/federation/paging.py", "import gateway.identity.passwords"),
    "rooms-of-the-provider": ("gateway/oidc/tokens/minting.py", "import gateway.oidc.endpoints.token"),
    "rooms-of-upstream": ("gateway/upstream/sql/engine.py", "import gateway.upstream.http.engine"),
    "policy-alone": ("gateway/policy/masks.py", "import gateway.storage.engine"),
    "routes": ("gateway/api/resources/me.py", "import adapters.errors"),
    "commands": ("conformance/report.py", "import gateway.cli.keys"),
    "one-jose": ("gateway/records/ids.py", "import joserfc"),
}


OF_A_NEW_SYSTEM = {
    "client": ("systems", "import adapters.dukcapil.wire"),
    "wire": ("adapter-shape", "import adapters.pasar.client"),
    "normalise": ("adapter-shape", "import adapters.pasar.client"),
}
"""Offences in a package that no contract names."""


def contract_names() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["id"]: contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_its_offence():
    assert set(contract_names()) == set(OFFENCES)


@pytest.fixture(scope="module")
def broken(tmp_path_factory, processes) -> dict[str, str]:
    """What import-linter says of each broken contract, by the id of the contract."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "data", "static"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for path, offence in OFFENCES.values():
        with (copy / path).open("a", encoding="utf-8") as module:
            module.write(f"\n{offence}\n")
    new = copy / "adapters" / "pasar"
    new.mkdir()
    for name in ("__init__", "client", "normalise", "wire", "settings"):
        (new / f"{name}.py").write_text(OF_A_NEW_SYSTEM.get(name, ("", ""))[1], "utf-8")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    environment = os.environ | {"COLUMNS": "500"}  # names of contracts stay on one line
    done = subprocess.run(
        [*command, "--no-cache"], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    sections = re.split(r"^(.+)\n-+$", done.stdout, flags=re.MULTILINE)
    said = dict(zip(sections[1::2], sections[2::2], strict=True))
    return {contract: said.get(name, "") for contract, name in contract_names().items()}


@pytest.mark.parametrize("contract", OFFENCES)
def test_a_wall_that_is_broken_is_noticed(broken, contract):
    path, offence = OFFENCES[contract]
    assert reports(broken[contract], path, offence)


@pytest.mark.parametrize("module", OF_A_NEW_SYSTEM)
def test_a_system_that_no_list_names_stands_behind_the_same_walls(broken, module):
    contract, offence = OF_A_NEW_SYSTEM[module]
    assert reports(broken[contract], f"adapters/pasar/{module}.py", offence)


def reports(said: str, path: str, offence: str) -> bool:
    """Whether the contract reports this very import, and not only one that leads through it."""
    importer, imported = path.removesuffix(".py").replace("/", "."), offence.removeprefix("import ")
    return (
        re.search(rf"^-\s+{re.escape(importer)} -> {re.escape(imported)} \(l\.\d+\)$", said, re.MULTILINE) is not None
    )
