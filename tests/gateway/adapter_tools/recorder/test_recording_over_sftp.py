"""`gerbang adapter record` from an agency's server, as a developer runs it: read by SFTP, and nothing moved there."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from simulators.clock import Clock
from simulators.people import DEMONSTRATION
from simulators.spec import SimulatorState
from simulators.wirausaha_baru.simulator import DROPS, SIMULATOR, build
from tests.gateway.adapter_tools.recorder.test_recording import texts, traces
from tests.gateway.sftp_servers import Server, asyncssh_server, new_key, openssh_server, public

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("recording")]
ROOT = Path(__file__).resolve().parents[4]
SYSTEM = "wirausaha-baru"


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    """What the agency has dropped, with the folders into which a gateway would move it."""
    state = SimulatorState(SIMULATOR, None, tmp_path / "simulator", clock=Clock(), seed=637199)
    state.folder.mkdir()
    with state.closing:
        build(None, state)
    folder = state.folder / DROPS
    for name in ("arsip", "karantina"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(params=["asyncssh", "OpenSSH"])
async def server(request: pytest.FixtureRequest, anyio_backend: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with AsyncExitStack() as stack:
        if request.param == "OpenSSH":
            (tmp_path / "sshd").mkdir()
            yield await stack.enter_async_context(openssh_server(tmp_path / "sshd"))
        else:
            yield await stack.enter_async_context(asyncssh_server())


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def record(folder: Path, drops: Path, sftp: dict[str, object], *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "systems").mkdir(exist_ok=True)
    office = {"folder": str(drops), "archive": "arsip", "quarantine": "karantina"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in office.items()]
    lines += ["[offices.sftp]", *(f"{name} = {json.dumps(value)}" for name, value in sftp.items())]
    table = f'[system]\nid = "{SYSTEM}"\n\n[[offices]]\n' + "\n".join(lines) + "\n"
    (folder / "systems" / f"{SYSTEM}.toml").write_text(table, "utf-8")
    command = [sys.executable, "-m", "gateway.cli", "adapter", "record", SYSTEM, *words, "--into", str(folder / "new")]
    settings = {"GERBANG_HOME": str(folder / "home"), "GERBANG_SYSTEMS": json.dumps([str(folder / "systems")])}
    (folder / "home").mkdir(exist_ok=True)
    return await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        input=f"{DEMONSTRATION['resident'].nik}\n",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
async def test_fixtures_come_without_persons_and_the_agency_s_files_stay(
    tmp_path: Path, drops: Path, server: Server
) -> None:
    before = everything(drops)
    ran = await record(tmp_path, drops, server.settings(), "--resource", "enrolment", "--case", "jauh")
    assert ran.returncode == 0, ran.stderr
    new = tmp_path / "new"
    assert list(new.glob("enrolment-jauh-*.in.json"))
    assert any(path.suffix == ".xlsx" for path in (new / "answers").iterdir())
    assert [found for text in texts(new) for found in traces(text)] == []
    assert everything(drops) == before
    for secret in (server.private_key.splitlines()[1], DEMONSTRATION["resident"].nik):
        assert secret not in ran.stdout + ran.stderr


@pytest.mark.processes
async def test_a_server_with_another_key_is_asked_nothing(tmp_path: Path, drops: Path) -> None:
    async with asyncssh_server() as server:
        wrong = server.settings(host_keys=[public(new_key())])
        ran = await record(tmp_path, drops, wrong, "--resource", "programme")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"{SYSTEM} could not be asked: ")
    assert ran.stderr.count("\n") == 1
    assert (server.attempts, server.requests) == ([], [])
    assert not (tmp_path / "new").exists()
