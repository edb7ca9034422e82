"""W1: the example in PHP, run by PHP itself, signs a resident in against the running demo."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.conftest import HANG_SECONDS, ROOT, Demo, eventually, free_port, run_gerbang
from tests.e2e.signing_in import Visitor

README = ROOT / "examples" / "sign-in-php" / "README.md"


@pytest.fixture(scope="module")
def application(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application as the README registers and starts it, at a port of its own."""
    php = shutil.which("php")
    if php is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no PHP on this machine; CI needs one")
    port = free_port()
    origin = f"http://localhost:{port}"
    said = re.search(r"<<'TOML'\n(.*?)TOML\n", README.read_text("utf-8"), re.DOTALL)
    assert said is not None
    file = tmp_path_factory.mktemp("php") / "aplikasi.toml"
    file.write_text(said[1].replace("http://localhost:8080", origin), "utf-8")
    command = re.search(r"\$\(\.venv/bin/gerbang (client add .*) aplikasi\.toml\)", README.read_text("utf-8"))
    assert command is not None
    registered = run_gerbang(demo.home, *command[1].split(), str(file))
    assert registered.returncode == 0, registered.stderr
    process = subprocess.Popen(
        [php, "-S", f"localhost:{port}", str(README.with_name("index.php"))],
        env={
            **os.environ,
            "GERBANG_CLIENT_ID": "aplikasi-php",
            "GERBANG_CLIENT_SECRET": registered.stdout.strip(),
            "GERBANG_ISSUER": demo.settings.issuer_url,
            "APP_URL": origin,
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_answers(origin, process)
        yield origin
    finally:
        process.terminate()
        process.wait(HANG_SECONDS)


def _until_answers(origin: str, process: "subprocess.Popen[bytes]") -> None:
    def answers() -> bool:
        assert process.poll() is None, "PHP has ended"
        try:
            httpx.get(origin, trust_env=False, timeout=HANG_SECONDS)
        except httpx.TransportError:
            return False
        return True

    eventually(answers, bool)


def test_w1_a_php_application_signs_a_resident_in(demo: Demo, application: str) -> None:
    visitor = Visitor(demo)
    assert "Sign in with Gerbang" in visitor.http.get(application).text
    answer = visitor.sign_in(f"{application}/login")
    assert str(answer.url) == f"{application}/"
    assert answer.text.startswith("Selamat datang, ")
    assert "resident" not in answer.text.casefold()
    visitor.http.close()


def test_w1_a_callback_that_was_not_begun_here_signs_nobody_in(demo: Demo, application: str) -> None:
    visitor = Visitor(demo)
    answer = visitor.http.get(f"{application}/callback", params={"code": "x", "state": "x"})
    assert answer.status_code == 400
    assert "Sign in with Gerbang" in visitor.http.get(application).text
    visitor.http.close()
