"""The running demonstration keeps what its OpenAPI document promises, whoever asks.

Schemathesis makes the questions from the document and checks the answers with every check that it has; see
schemathesis.toml for what is left out, and why. The generation is deterministic, so that a failure can be had again by
running this test again.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import HANG_SECONDS
from tests.loops import is_long

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
LONG = is_long()
EXAMPLES = 25 if LONG else 2
"""Questions made for each operation in the phases that make them freely; the systematic ones come on top."""
PHASES = {
    None: "examples,fuzzing,stateful" if LONG else "fuzzing",
    "resident": "examples,coverage,fuzzing,stateful" if LONG else "fuzzing",
    "officer-mantuil": "examples,fuzzing,stateful" if LONG else "fuzzing",
}
"""The phases for each caller. The thousands of systematic questions (`coverage`) are for the resident, for whom most
operations are; the others would mostly be refused."""


@pytest.mark.slow
@pytest.mark.parametrize("account", PHASES)
def test_every_check_of_schemathesis_holds(demo, tmp_path: Path, account: str | None) -> None:
    signed_in = ["--header", f"Authorization: Bearer {demo.token(account)}"] if account else []
    ran = subprocess.run(
        [
            str(SCHEMATHESIS),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{demo.url}/openapi.json", "--max-examples", str(EXAMPLES)),
            *("--request-timeout", str(HANG_SECONDS)),
            *("--phases", PHASES[account]),
            *signed_in,
        ],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HERE), "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    operations = sum(len(path) for path in demo.client.get("/openapi.json").json()["paths"].values())
    assert f"Tested: {operations}\n" in ran.stdout, ran.stdout
    demo.whole()
