"""Every wall of the house falls when it is broken on purpose: each import contract notices its own offence."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "adapters", "gateway", "conformance", "simulators")

OFFENCES = {
    "rooms": ("schemas/money.py", "import adapters.errors"),
    "twins": ("simulators/people.py", "import schemas.money"),
    "judges": ("gateway/ground/clock.py", "import simulators.people"),
    "suite": ("conformance/report.py", "import simulators.people"),
    "systems": ("adapters/dukcapil/client.py", "import adapters.e_kelurahan.wire"),
    "adapter-shape": ("adapters/dukcapil/normalise.py", "import adapters.dukcapil.client"),
    "frameworks": ("adapters/dukcapil/client.py", "import fastapi"),
    "pure-schemas": ("schemas/money.py", "import cryptography"),
    "naming-systems": ("gateway/ground/clock.py", "import adapters.dukcapil"),
    "rooms-of-the-gateway": ("gateway/storage/engine.py", "import gateway.policy.masks"),
    "sign-in-and-data": ("gateway/identity/passwords.py", "import gateway.upstream.place"),
    "data-and-sign-in": ("gateway/federation/paging.py", "import gateway.identity.passwords"),
    "rooms-of-the-provider": ("gateway/oidc/tokens/minting.py", "import gateway.oidc.endpoints.token"),
    "rooms-of-upstream": ("gateway/upstream/sql/engine.py", "import gateway.upstream.http.engine"),
    "policy-alone": ("gateway/policy/masks.py", "import gateway.storage.engine"),
    "routes": ("gateway/api/resources/me.py", "import adapters.errors"),
    "commands": ("conformance/report.py", "import gateway.cli.keys"),
    "one-jose": ("gateway/records/ids.py", "import joserfc"),
}


def contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_its_offence():
    assert contracts() == set(OFFENCES)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    copy = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "data", "static"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def told(house, contract):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*command, "--contract", contract, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("contract", "module", "offence"),
    [
        ("systems", "client", "import adapters.dukcapil.wire"),
        ("adapter-shape", "wire", "import adapters.pasar.client"),
        ("adapter-shape", "normalise", "import adapters.pasar.client"),
    ],
)
def test_a_system_that_no_list_names_stands_behind_the_same_walls(house, contract, module, offence):
    package = house / "adapters" / "pasar"
    package.mkdir()
    try:
        for name in ("__init__", "client", "normalise", "wire", "settings"):
            (package / f"{name}.py").write_text(f"{offence}\n" if name == module else "", "utf-8")
        outcome = told(house, contract)
    finally:
        shutil.rmtree(package)
    assert outcome.returncode != 0, outcome.stdout
    assert "BROKEN" in outcome.stdout, outcome.stdout + outcome.stderr


@pytest.mark.parametrize("contract", OFFENCES)
def test_a_wall_that_is_broken_is_noticed(house, contract):
    path, offence = OFFENCES[contract]
    module = house / path
    before = module.read_text("utf-8")
    try:
        module.write_text(f"{before}\n{offence}\n", "utf-8")
        outcome = told(house, contract)
    finally:
        module.write_text(before, "utf-8")
    assert outcome.returncode != 0, outcome.stdout
    assert "BROKEN" in outcome.stdout, outcome.stdout + outcome.stderr
