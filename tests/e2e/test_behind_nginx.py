"""Proof 7 of single sign-on: a legacy page behind a real nginx sees who is signed in, and nothing else of the resident.

The page is an application of nobody's making here: it answers with the headers that reached it.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from gateway.authentication.jose import read_keys, read_token, verify
from tests.e2e.conftest import HANG_SECONDS, ROOT, Demo, eventually, free_port, run_gerbang
from tests.e2e.signing_in import Visitor

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
APP = "kelurahan-lama"
REGISTRATION = """
id = "{app}"
title_id = "Aplikasi kelurahan lama"
title_en = "The old ward application"
owner = "Bagian Tata Pemerintahan"
agency = "tata-pemerintahan"
purpose = "Surat-surat kelurahan yang lama"
origin = "{origin}"
"""
SPOOFED = {
    "Gerbang-Identity": "eyJ.spoofed.identity",
    "Remote-User": "walikota",
    "X-Remote-User": "walikota",
    "X-Forwarded-User": "walikota",
    "X-Authenticated-User": "walikota",
    "Remote_User": "walikota",
}


class Echo(BaseHTTPRequestHandler):
    """The legacy page: it says what it was told."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at the answers."""


@dataclass
class Site:
    """The application as its visitors reach it."""

    origin: str
    demo: Demo


@pytest.fixture(scope="module")
def site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if NGINX is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no nginx on this machine; CI needs one")
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    said = folder / "app.toml"
    said.write_text(REGISTRATION.format(app=APP, origin=origin), "utf-8")
    registered = run_gerbang(demo.home, "client", "add-app", str(said))
    assert registered.returncode == 0, registered.stderr
    page = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    server = _filled(port, demo, f"http://127.0.0.1:{page.server_port}")
    config = folder / "nginx.conf"
    config.write_text(_whole(folder, server), "utf-8")
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder), "-g", "daemon off;"])
    try:
        _until_answers(origin, process)
        yield Site(origin, demo)
    finally:
        process.terminate()
        process.wait(HANG_SECONDS)
        page.shutdown()
        page.server_close()


def _filled(port: int, demo: Demo, application: str) -> str:
    text = (ROOT / "config" / "proxies" / "nginx.conf").read_text("utf-8")
    values = {
        "LISTEN": f"127.0.0.1:{port}",
        "SERVER_NAME": "127.0.0.1",
        "GATEWAY": demo.url,
        "APPLICATION": application,
        "APP": APP,
    }
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _whole(folder: Path, server: str) -> str:
    kept = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {kept}\n{server}\n}}\n"
    )


def _until_answers(origin: str, process: "subprocess.Popen[bytes]") -> None:
    def answers() -> bool:
        assert process.poll() is None, "nginx has ended"
        try:
            httpx.get(origin, trust_env=False, timeout=HANG_SECONDS)
        except httpx.TransportError:
            return False
        return True

    eventually(answers, bool)


@pytest.fixture(scope="module")
def visitor(site: Site) -> Iterator[Visitor]:
    one = Visitor(site.demo)
    answer = one.sign_in(site.origin + "/surat?no=7&a=b")
    assert answer.status_code == 200, answer.text
    assert answer.json()["path"] == "/surat?no=7&a=b", "the page that was wanted, with all of its query"
    yield one
    one.http.close()


def test_w2_a_visitor_who_is_not_signed_in_sees_nothing_of_the_application(site: Site) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(
            method, site.origin + "/surat?no=7", trust_env=False, timeout=HANG_SECONDS, headers=SPOOFED
        )
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("/_gerbang/login?return_to=%2Fsurat%3Fno%3D7")
        assert "walikota" not in answer.text


def test_w2_the_check_itself_is_nobodys_from_outside(site: Site) -> None:
    assert httpx.get(site.origin + "/_gerbang/check", trust_env=False, timeout=HANG_SECONDS).status_code == 404


def test_w2_the_application_is_told_who_is_signed_in(site: Site, visitor: Visitor) -> None:
    reached = visitor.http.get(site.origin + "/").json()["headers"]
    token = reached["Gerbang-Identity"]
    keys = read_keys(visitor.http.get(site.demo.url + "/oauth2/jwks").content)
    claims = verify(token, keys[read_token(token).header["kid"]], algorithms={"ES256"}, types={"gerbang-identity+jwt"})
    assert (claims["aud"], claims["roles"]) == (APP, ["resident"])
    assert reached["Remote-User"] == claims["sub"]


def test_h51_what_came_from_outside_under_such_names_never_arrives(site: Site, visitor: Visitor) -> None:
    for method in ("GET", "POST"):
        answer = visitor.http.request(method, site.origin + "/", headers=SPOOFED)
        assert answer.status_code == 200
        assert "walikota" not in answer.text
        assert "spoofed" not in answer.text


def test_h51_the_residents_cookie_and_token_never_reach_the_application(site: Site, visitor: Visitor) -> None:
    secrets = {"Authorization": "Bearer eyJ.of-the.resident", "DPoP": "eyJ.proof.here"}
    visitor.http.cookies.set("PHPSESSID", "abc123", domain="127.0.0.1")
    answer = visitor.http.get(site.origin + "/", headers=secrets)
    reached = answer.json()["headers"]
    assert reached["Cookie"] == "PHPSESSID=abc123", "the application's own, and no other"
    held = [cookie.value for cookie in visitor.http.cookies.jar if cookie.name.startswith(("gerbang", "__Host-"))]
    assert held
    assert not any(str(value) in answer.text for value in held)
    assert "of-the.resident" not in answer.text
    assert "proof.here" not in answer.text
