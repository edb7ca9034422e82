"""Proof 3 of single sign-on: people sign in through oidc-provider, and what goes on when that is away.

The gateway and the provider are processes of their own, before the city of the shared demo; whoever sits at the browser
fills in real pages of both.
"""

import asyncio
import base64
import contextlib
import json
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.demo.seed import seed_demo
from gateway.ground.master_key import open_sealer
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from tests.e2e.conftest import GERBANG, HANG_SECONDS, QUICK, ROOT, Demo, Running, free_port, is_ready
from tests.peers.node import Peers

REDIRECT = "http://127.0.0.1:49152/callback"
SCOPE = "openid profile.read applications.read programmes.read complaints.read bills.read proposals.read health.read"


@dataclass
class Person:
    """Somebody at a browser of their own."""

    gateway: str
    name: str
    nik: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=HANG_SECONDS))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def opens(self, **wishes: str) -> httpx.Response:
        """Where the resident app's request leads: a page of ours, or the app's own address with the answer."""
        challenge = base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": "gerbang-mobile",
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
            "state": "s",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **wishes,
        }
        return self._follow(self.http.get(f"{self.gateway}/oauth2/authorize", params=asked))

    def signs_in(self) -> str:
        """To a code: at the provider's page if it is asked for, then at our consent."""
        answer = self.opens()
        while not self._is_at_the_app(answer):
            answer = self._follow(self._filled(answer))
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    def redeems(self, **form: str) -> httpx.Response:
        """Tokens for a code or a refresh token."""
        return self.http.post(f"{self.gateway}/oauth2/token", data={"client_id": "gerbang-mobile", **form})

    def tokens(self) -> dict[str, Any]:
        """The tokens of a new sign-in."""
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": self.verifier}
        answer = self.redeems(code=self.signs_in(), **form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def overview(self, token: str) -> httpx.Response:
        """What the API tells the person."""
        return self.http.get(f"{self.gateway}/v1/me/overview", headers={"Authorization": f"Bearer {token}"})

    def leaves(self, provider: str) -> None:
        """Sign out at the provider."""
        page = self.http.get(f"{provider}/session/end")
        hidden = LexborHTMLParser(page.text).css_first("input[name=xsrf]").attributes["value"]
        done = self.http.post(f"{provider}/session/end/confirm", data={"xsrf": hidden, "logout": "yes"})
        assert done.status_code in {200, 303}, done.text

    def _filled(self, page: httpx.Response) -> httpx.Response:
        assert page.status_code == 200, page.text
        form = LexborHTMLParser(page.text).css_first("form")
        fields = {
            node.attributes["name"]: node.attributes.get("value") or ""
            for node in form.css("input, button[name=decision]")
        }
        known = {"account": self.name, "nik": self.nik, "strong": "yes", "decision": "allow"}
        filled = {name: known.get(str(name), value) for name, value in fields.items()}
        action = urljoin(str(page.url), form.attributes.get("action") or "")
        return self.http.post(
            action, data=filled, headers={"Origin": f"{page.url.scheme}://{page.url.netloc.decode()}"}
        )

    def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and not self._is_at_the_app(answer):
            answer = self.http.get(str(answer.next_request.url))
        return answer

    @staticmethod
    def _is_at_the_app(answer: httpx.Response) -> bool:
        return answer.headers.get("location", "").startswith(REDIRECT)


@dataclass
class Elsewhere:
    """The gateway, and the provider at which its people sign in."""

    gateway: str
    nik: str
    process: Any
    issuer: str
    browsers: contextlib.ExitStack

    def person(self) -> Person:
        """The demonstration's resident, at a new browser."""
        person = Person(self.gateway, "galuh", self.nik)
        self.browsers.enter_context(person.http)
        return person


def prepared(home: Path, settings: Settings, people: dict[str, str | None]) -> None:
    """Make the gateway's database, with the demonstration's accounts and clients."""

    async def seed() -> None:
        database = Database(settings.database)
        try:
            await asyncio.to_thread(migrate, database)
            await seed_demo(database, open_sealer(settings), settings, people)
        finally:
            await database.aclose()

    home.mkdir()
    asyncio.run(seed())


@pytest.fixture
def elsewhere(demo: Demo, peers: Peers, tmp_path: Path) -> Iterator[Elsewhere]:
    ours, theirs = free_port(), free_port()
    gateway = f"http://localhost:{ours}"
    told = {
        "port": theirs,
        "redirectUri": f"{gateway}/oauth2/broker/kota/callback",
        "jwksUri": f"http://127.0.0.1:{ours}/oauth2/client-jwks",
        "logoutUri": f"http://127.0.0.1:{ours}/oauth2/broker/kota/logout",
    }
    city, home = demo.home / "city", tmp_path / "home"
    people = json.loads((city / "people.json").read_text("utf-8"))
    prepared(home, Settings(mode="demo", home=home, port=ours), people)
    with peers.running("identity_provider.mjs", json.dumps(told)) as (process, issuer):
        settings = {
            "ISSUER": issuer,
            "CLIENT_ID": "gerbang",
            "TITLE_ID": "Akun Kota",
            "TITLE_EN": "City account",
            "ACR": '{"urn:kota:dua": 2}',
            "NIK_CLAIM": "nik",
        }
        variables = {f"GERBANG_LOGIN_ISSUERS__KOTA__{name}": value for name, value in settings.items()} | {
            "GERBANG_MODE": "demo",
            "GERBANG_PORT": str(ours),
            "GERBANG_SYSTEMS": json.dumps([str(ROOT / "config" / "systems"), str(city / "systems")]),
            "GERBANG_AGENCIES": str(ROOT / "config" / "agencies.toml"),
            "GERBANG_DEADLINES__DEFAULT": QUICK["GERBANG_DEADLINES__DEFAULT"],
            "GERBANG_DEADLINES__LONGEST": QUICK["GERBANG_DEADLINES__LONGEST"],
        }
        serving = Running([str(GERBANG), "serve"], home, city, **variables)
        try:
            serving.wait_until(lambda: is_ready(gateway))
            with contextlib.ExitStack() as browsers:
                yield Elsewhere(gateway, people["resident"], process, issuer, browsers)
            serving.end()
        finally:
            serving.kill()


def test_e41_people_sign_in_elsewhere_and_whoever_is_signed_in_goes_on_while_that_is_away(elsewhere: Elsewhere) -> None:
    resident = elsewhere.person()
    tokens = resident.tokens()
    answer = resident.overview(tokens["access_token"])
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert {"application", "enrolment"} <= {item["resource"] for item in items}, answer.json()["sources"]

    # Signing out there signs out here.
    gone = elsewhere.person()
    gone.tokens()
    gone.leaves(elsewhere.issuer)
    assert "/interaction/" in str(gone.opens().url)

    elsewhere.process.send_signal(signal.SIGTERM)
    elsewhere.process.wait(HANG_SECONDS)
    # The session goes on: the app gets another code by consent alone.
    again = resident.tokens()
    assert resident.overview(again["access_token"]).status_code == 200
    # Tokens go on, and are renewed.
    assert resident.overview(tokens["access_token"]).status_code == 200
    renewed = resident.redeems(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert renewed.status_code == 200
    assert resident.overview(renewed.json()["access_token"]).status_code == 200
    # Whoever comes new is told so, in both languages.
    page = elsewhere.person().opens()
    assert (page.status_code, page.headers["retry-after"]) == (503, "30")
    assert [node.attributes["lang"] for node in LexborHTMLParser(page.text).css("section")] == ["id", "en"]
    assert "tidak dapat dihubungi" in page.text
    assert "cannot be reached" in page.text
    # What is public is not touched by any of it.
    assert resident.http.get(f"{elsewhere.gateway}/v1/programmes?limit=1").status_code == 200
