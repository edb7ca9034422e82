"""Gerbang as it is measured: `gerbang serve` of a checkout, in production mode, in a temporary home.

Everything is on: sign-in by access tokens, the access log in SQLite, the request log (to a file), limits, feeds. Four
settings differ from an installation, and none of them changes what a request does: secrets are in the overlays and not
in the vault, adapters are served at whatever level their code has proven, the agencies' quotas are lifted, and the
limits of callers are so high that no benchmark reaches them.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from benchmarks.processes import BenchmarkError, Measured, cores, start, wait_until
from benchmarks.testbed import Resident, free_port, new_master_key

SEED: Final = Path(__file__).with_name("seed_accounts.py")
_NOT_PASSED_ON: Final = ("GERBANG_", "PYTHONDONTWRITEBYTECODE")
"""Variables that would change the measured process; compiled modules are stored, as in an installation."""
_LIMITS: Final = {
    "public": {"address": 1_000_000_000, "account": 1_000_000_000, "client": 1_000_000_000},
    "personal": {"account": 1_000_000_000, "client": 1_000_000_000},
    "sign_in": {"address": 1_000_000_000},
    "servers": {"address": 1_000_000_000},
}
"""Limits of callers. A checkout without that setting ignores the variable."""
_TOKENS_LAST: Final = 240.0
"""Seconds after which new tokens are issued; they live ten minutes."""


class ServedCity(Protocol):
    """What a gateway is started in front of: a testbed, or the simulated city itself."""

    @property
    def systems(self) -> Path:
        """The folder of the overlays with the addresses of the systems."""

    @property
    def residents(self) -> Sequence[Resident]:
        """The residents who get accounts."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until the first answer of a public list, and until ready; resident megabytes when ready."""

    answered: float
    ready: float
    memory: float


@dataclass(slots=True)
class Gerbang:
    """A gateway of one checkout. `start` it, and `stop` it; `tokens` are of the residents, and still live a while."""

    checkout: Path
    home: Path
    testbed: ServedCity
    name: str = "gerbang"
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: Measured | None = None
    module: str = "gateway.cli"
    _tokens: dict[str, str] = field(default_factory=dict)
    _issued: float = -1e9

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)},
            "PYTHONPATH": str(self.checkout),
            "GERBANG_CONFIG": str(self.checkout / "config" / "gateway.toml"),
            "GERBANG_MODE": "production",
            "GERBANG_HOME": str(self.home),
            "GERBANG_PORT": str(self.port),
            "GERBANG_ISSUER": f"http://localhost:{self.port}",
            "GERBANG_MASTER_KEY": new_master_key(),
            "GERBANG_ALLOW_EMBEDDED_OP": "true",
            "GERBANG_SYSTEMS": json.dumps([str(self.checkout / "config" / "systems"), str(self.testbed.systems)]),
            "GERBANG_AGENCIES": str(self.checkout / "config" / "agencies.toml"),
            "GERBANG_SECRETS_OUTSIDE_VAULT": '["*"]',
            "GERBANG_UNPROVEN": "serve",
            "GERBANG_LIMITS": json.dumps(_LIMITS),
            **self.environment,
        }

    @property
    def running(self) -> Measured:
        """The running process. Raises `BenchmarkError` if it was not started."""
        if self.process is None:
            raise BenchmarkError(f"{self.name} does not run.")
        return self.process

    def tokens(self, people: Sequence[Resident]) -> Mapping[str, str]:
        """An access token of each resident, by account."""
        missing = any(one.account not in self._tokens for one in people)
        if missing or time.monotonic() - self._issued > _TOKENS_LAST:
            niks = {one.account: one.nik for one in self.testbed.residents}
            self._tokens = json.loads(self._run([SEED], json.dumps(niks)))
            self._issued = time.monotonic()
        return self._tokens

    def start(self, *, list_answers: bool = True) -> Start:
        """Start the gateway; return when it is ready: every snapshot was tried once.

        `list_answers`: False for a gateway without the system of the public list.
        """
        if not self._tokens:
            self.tokens(())  # creates tables and accounts
        server, _ = cores()
        command = [sys.executable, "-P", "-m", self.module, "serve"]
        began = time.monotonic()
        self.process = start(
            self.name,
            command,
            core=server,
            log=self.home / "serve.log",
            folder=self.checkout,
            environment=self.environment,
        )
        first = "/v1/complaints?limit=10" if list_answers else "/livez"
        wait_until(lambda: self._answers(first), self.process, pause=0.01)
        answered = time.monotonic() - began
        wait_until(lambda: self._answers("/readyz"), self.process, pause=0.01)
        return Start(answered, time.monotonic() - began, self.process.memory())

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> "tuple[int, dict[str, str], bytes]":
        """Send one request; return status, headers with names in lower case, and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the gateway."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def _answers(self, target: str) -> bool:
        try:
            return self.get(target)[0] == 200
        except OSError:
            return False

    def _run(self, command: Sequence[str | Path], given: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", *command],
            cwd=self.checkout,
            env={**self.environment, "GERBANG_MODE": "demo"},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchmarkError(f"The accounts of {self.name} cannot be created:\n{done.stderr[-2000:]}")
        return done.stdout
