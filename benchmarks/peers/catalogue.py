"""The servers to compare with: what each needs, and how it is started."""

import fcntl
import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.load import write_requests
from benchmarks.peers.nginx import PROGRAMS, lua_missing, nginx_command, nginx_missing
from benchmarks.peers.questions import Systems
from benchmarks.processes import BenchmarkError, Measured, cores, start, wait_until
from benchmarks.testbed import ROOT, Resident, Testbed, free_port
from benchmarks.workloads import LIST, NOT_MODIFIED, ONE, THREE, Workload

HERE: Final = Path(__file__).parent
PACKAGES: Final = HERE.parent
_TARGETS: Final = {LIST: "/list", NOT_MODIFIED: "/list", ONE: "/one", THREE: "/three"}
_ENVIRONMENT: Final = {"PATH": PROGRAMS, "LC_ALL": "C.UTF-8"}
_LEAST_RECORDS: Final = {ONE: 1, THREE: 3}


@dataclass(frozen=True, slots=True)
class Peer:
    """A server to compare with.

    `missing` returns why it cannot run on this machine, or an empty text; `command` returns the command that serves on
    a port, given the folder for its files and the configuration.
    """

    name: str
    workloads: tuple[Workload, ...]
    missing: Callable[[], str]
    command: Callable[[Path, Path, int], Sequence[str | Path]]


@dataclass(slots=True)
class RunningPeer:
    """A peer that runs."""

    peer: Peer
    folder: Path
    port: int
    process: Measured
    requests: dict[Workload, Path] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The peer's name."""
        return self.peer.name

    @property
    def running(self) -> Measured:
        """Its process."""
        return self.process


def start_peer(peer: Peer, folder: Path, configuration: Path, testbed: Testbed) -> RunningPeer:
    """Start a peer and check that it answers with records. Raises `BenchmarkError`."""
    folder.mkdir(parents=True)
    server, _ = cores()
    port = free_port()
    process = start(
        peer.name,
        peer.command(folder, configuration, port),
        core=server,
        log=folder / "log",
        folder=ROOT,
        environment={**_ENVIRONMENT, "PYTHONPATH": str(ROOT)},
    )
    running = RunningPeer(peer, folder, port, process)
    try:
        wait_until(lambda: _answers(port), process)
        _check(running, testbed.residents)
    except BenchmarkError:
        process.stop()
        raise
    tag = json.loads(configuration.read_text("utf-8"))["tag"]
    for workload in peer.workloads:
        running.requests[workload] = _requests(running, workload, testbed.residents, tag)
    return running


def write_configuration(testbed: Testbed, held: bytes, origin: int = 0) -> Path:
    """Write the configuration of all peers: systems at the backend, the list to hold, and the port of its origin."""
    path = testbed.folder / "held.json"
    path.write_bytes(held)
    found = testbed.secrets
    systems = Systems(
        applications_url=f"{found['e-kelurahan']['base_url']}/permohonan/cari",
        complaints_url=f"{found['lapor']['base_url']}/api/services/f01/getmystreams",
        complaints_token=found["lapor"]["token"],
        proposals_url=f"{found['sipd-rkpd']['base_url']}/run/serv/get_usulan_saya?kodepemda=6371",
        proposals_token=found["sipd-rkpd"]["token"],
        held=path,
        tag='"held"',
        origin=origin,
    )
    configuration = testbed.folder / "peers.json"
    configuration.write_text(json.dumps({**asdict(systems), "held": str(path)}), "utf-8")
    return configuration


def _answers(port: int) -> bool:
    try:
        return _get(port, "/list", {})[0] in (200, 404)
    except OSError:
        return False


def _get(port: int, target: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", target, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _check(running: RunningPeer, people: Sequence[Resident]) -> None:
    """Ask once for each resident, which also records what the backend lacks."""
    for workload, systems in _LEAST_RECORDS.items():
        if workload not in running.peer.workloads:
            continue
        for resident in people:
            status, body = _get(running.port, _TARGETS[workload], {"X-Nik": resident.nik})
            if status != 200 or len(json.loads(body)["items"]) < systems * resident.records:
                raise BenchmarkError(f"{running.peer.name} does not answer {workload.name} in full: {status}")


def _requests(running: RunningPeer, workload: Workload, people: Sequence[Resident], tag: str) -> Path:
    target, path = _TARGETS[workload], running.folder / f"{workload.name}.requests"
    if workload.signed_in:
        most = max(one.records for one in people)
        return write_requests(path, ((target, {"X-Nik": one.nik}) for one in people if one.records == most))
    return write_requests(path, [(target, {"If-None-Match": tag} if workload.conditional else {})])


def _nothing_missing() -> str:
    return ""


def _python(module: str, *more: str) -> Callable[[Path, Path, int], Sequence[str | Path]]:
    return lambda _folder, configuration, port: [
        sys.executable, "-m", f"benchmarks.peers.{module}", configuration, str(port), *more,
    ]  # fmt: skip


def _node_missing() -> str:
    if not (shutil.which("node") and shutil.which("npm")):
        return "Node.js with npm is not installed"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.lstrip("v").partition(".")[0] or 0) < 20:
        return f"Node.js {version} is older than 20"
    return install_packages()


def install_packages() -> str:
    """Install the packages of `package-lock.json` beside it, once; return why that failed, or an empty text."""
    lock, done = PACKAGES / "package-lock.json", PACKAGES / "node_modules" / ".installed"
    with (PACKAGES / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if done.is_file() and done.read_bytes() == lock.read_bytes():
            return ""
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        ended = subprocess.run(command, cwd=PACKAGES, capture_output=True, text=True, check=False)
        if ended.returncode:
            return "the packages from npm could not be installed"
        shutil.copyfile(lock, done)
    return ""


BARE_ASGI: Final = Peer("bare ASGI on uvicorn", (LIST, NOT_MODIFIED), _nothing_missing, _python("bare_asgi"))
NGINX: Final = Peer("nginx proxy_cache", (LIST, NOT_MODIFIED), nginx_missing, nginx_command(lua=False))
NGINX_LUA: Final = Peer("nginx + Lua", (ONE, THREE), lua_missing, nginx_command(lua=True))
FASTIFY: Final = Peer(
    "fastify + undici",
    (LIST, ONE, THREE),
    _node_missing,
    lambda _folder, configuration, port: ["node", HERE / "server.mjs", configuration, str(port)],
)
AIOHTTP: Final = Peer("FastAPI + aiohttp", (LIST, ONE, THREE), _nothing_missing, _python("fastapi_tutorial", "aiohttp"))
HTTPX: Final = Peer("FastAPI + httpx", (ONE, THREE), _nothing_missing, _python("fastapi_tutorial", "httpx"))
PEERS: Final = (BARE_ASGI, NGINX, NGINX_LUA, FASTIFY, AIOHTTP, HTTPX)
