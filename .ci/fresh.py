"""Run the tests as on a fresh machine, and compare the tests that are skipped there with the list below.

    python3 .ci/fresh.py [ARGUMENTS OF PYTEST]

A fresh machine has Python, git, make and the programs that every Debian system has, but no database server, browser,
web server, PHP or Node.js. The tests run in a new clone of the last commit, installed while there is a network, inside
Linux namespaces: no network but loopback, /usr/bin with those programs alone, and processes that end with the run.
Needs root, and a system made of Debian packages. With arguments, only the tests that they choose are run, and a skip
need only be in the list.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

TESTS: Final[tuple[str, ...]] = ("--not-quick",)
"""Arguments of pytest that choose the tests of this run.

Quick tests use no process, no socket and no database server (a guard fails one that does), so a fresh machine changes
nothing for them.
"""

SKIPS: Final[dict[str, int]] = {
    "no MariaDB at 127.0.0.1:3306": 41,
    "there is no PHP here": 40,
    "Chromium and chromedriver are not installed": 12,
    "Node.js 20 or newer is not here": 10,
    "there is no OpenSSH server here": 6,
    "no nginx on this machine": 5,
    "Node and npm are needed": 3,
    "there is no curl": 2,
    "no PHP on this machine": 2,
    "no promtool on this machine": 2,
    "openapi-python-client could not be installed": 2,
}
"""How many tests are skipped for which reason, by how it begins. A new test of such a kind changes the number."""

NOT_POSSIBLE: Final = 77
"""The exit code on a machine that does not permit such a run."""

_ROOT: Final = Path(__file__).resolve().parents[1]
_NAMESPACES: Final = (
    *("setpriv", "--pdeathsig", "KILL"),  # whatever ends this script ends the namespaces and all that runs in them
    *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)
_PROGRAMS: Final = Path("/usr/bin")
_HIDDEN: Final = ("/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
_ENDING_SECONDS: Final = 60


def main(arguments: list[str]) -> int:
    """Run the tests outside in, and judge what was skipped."""
    why = _not_possible()
    if why:
        print(f"The fresh run is not possible, so nothing was tested: {why}")
        return NOT_POSSIBLE
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gerbang-fresh-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # PostgreSQL does not run as root
        clone, programs, results = place / "gerbang", place / "programs", place / "results.xml"
        _install(clone)
        _collect_programs(programs)
        first = [clone / ".venv" / "bin" / "python", clone / ".ci" / "fresh.py", "--inside", programs, results]
        ran = subprocess.run([*_NAMESPACES, *map(str, first), *(arguments or TESTS)], cwd=clone, check=False)
        skipped = _skipped(results) if results.exists() else Counter()
    print(f"The fresh run took {time.monotonic() - started:.0f} seconds.")
    wrong = _judge(skipped, partly=bool(arguments))
    if ran.returncode:
        print("The fresh run failed: see above.")
    return 1 if ran.returncode or wrong else 0


def _not_possible() -> str | None:
    if os.geteuid() != 0:
        return "it needs root, to hide programs and the network from the tests"
    if shutil.which("dpkg-query") is None:
        return "it needs dpkg, to know which programs every Debian system has"
    commit = subprocess.run(["git", "-C", _ROOT, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if commit.returncode:
        return f"it tests a clone of the last commit, and there is none ({commit.stderr.strip()})"
    tried = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return f"namespaces are not permitted here ({tried.stderr.strip()})" if tried.returncode else None


def _install(clone: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", _ROOT, clone], check=True)
    subprocess.run(["make", "--silent", ".venv/.installed", f"PYTHON={_python()}"], cwd=clone, check=True)


def _python() -> str:
    """The interpreter that this one's environment was made of."""
    return str(Path(sys._base_executable).resolve())  # type: ignore[attr-defined]  # typeshed leaves it out


def _collect_programs(programs: Path) -> None:
    """Make a folder of the programs of every Debian system, of git, make and Python."""
    programs.mkdir()
    asked = ["dpkg-query", "--show", "--showformat=${Essential} ${Priority} ${Package}\n"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\n")
    always = [line.split()[-1] for line in listed if line.startswith("yes ") or " required " in line]
    files = subprocess.run(["dpkg", "--listfiles", *always, "git", "make"], capture_output=True, text=True, check=True)
    names = {Path(file).name for file in files.stdout.split("\n") if Path(file).parent.name == "bin"}
    for name in sorted(names | {"awk"}):
        if (_PROGRAMS / name).exists():
            shutil.copy2(_PROGRAMS / name, programs / name, follow_symlinks=False)
    (programs / "python3").unlink(missing_ok=True)
    (programs / "python3").symlink_to(_python())


def inside(programs: str, results: str, *arguments: str) -> int:
    """As the first process of the namespaces: hide what a fresh machine lacks, run the tests, wait until all ended."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for folder in _HIDDEN:
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    subprocess.run(["mount", "--bind", programs, _PROGRAMS], check=True)
    home, temporary = Path(results).with_name("home"), Path(results).with_name("tmp")
    home.mkdir()
    temporary.mkdir(mode=0o711)
    options = shlex.join([f"--junitxml={results}", *arguments])
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
    return _last_of(subprocess.Popen(["make", "--silent", "test", f"ARGS={options}"], env=environment))


def _last_of(tests: subprocess.Popen[bytes]) -> int:
    """Reap every process, since nobody else does so here; fail for those that outlive the tests."""
    code = 1
    signal.signal(signal.SIGALRM, _left_running)
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            return code
        if ended == tests.pid:
            code = tests.returncode = os.waitstatus_to_exitcode(status)
            signal.alarm(_ENDING_SECONDS)


def _left_running(*_signal: object) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        print(f"This process outlived the tests: {command}")
    os._exit(1)


def _skipped(results: Path) -> Counter[str]:
    outcomes = ET.parse(results).iter("skipped")
    return Counter(one.get("message", "") for one in outcomes if one.get("type") == "pytest.skip")


def _judge(skipped: Counter[str], *, partly: bool) -> list[str]:
    kinds = Counter[str]()
    for reason, times in skipped.items():
        kinds[next((kind for kind in SKIPS if reason.startswith(kind)), reason)] += times
    wrong = [kind for kind in {**SKIPS, **kinds} if not _is_right(kinds[kind], SKIPS.get(kind, 0), partly=partly)]
    for kind in wrong:
        print(f"Skipped {kinds[kind]} times, but {SKIPS.get(kind, 0)} times in the list of .ci/fresh.py: {kind}")
    if not wrong:
        print(f"The fresh run skipped {skipped.total()} tests, for the reasons in the list of .ci/fresh.py.")
    return wrong


def _is_right(times: int, listed: int, *, partly: bool) -> bool:
    return times <= listed if partly else times == listed


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        sys.exit(inside(*sys.argv[2:]))
    sys.exit(main(sys.argv[1:]))
