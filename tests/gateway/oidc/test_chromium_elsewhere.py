"""The pages of people who sign in elsewhere, in a real Chromium of a small telephone's width, without JavaScript."""

import contextlib
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.responses import RedirectResponse
from starlette.routing import Route

from tests.gateway.issuers import FakeIssuer
from tests.gateway.oidc.conftest import Clock, open_house
from tests.gateway.oidc.looking import NARROW, listening, look, serving
from tests.gateway.oidc.test_external_sign_in import Router, told

pytestmark = [pytest.mark.anyio, pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

SECOND = {"acr": "urn:kota:dua"}


class Place:
    """A provider, and who stands before it: its page sends them straight back."""

    def __init__(self, name, issuer, home):
        self.name, self.issuer, self.home = name, issuer, home
        self.person, self.denies = {"subject": f"{name}-1"}, False

    async def authorize(self, request):
        if self.denies:
            state = self.issuer.asked_by(str(request.url))["state"]
            brought = {"error": "access_denied", "state": state, "iss": self.issuer.address}
        else:
            brought = self.issuer.signs_in(str(request.url), **self.person)
        return RedirectResponse(f"{self.home}/oauth2/broker/{self.name}/callback?{urlencode(brought)}", 303)

    @property
    def route(self):
        return Route(f"{urlsplit(self.issuer.address).path}/authorize", self.authorize)


class City:
    def __init__(self, house, kota, pusat):
        self.house, self.kota, self.pusat = house, kota, pusat
        self.home = house.settings.issuer_url

    def start(self, **changes):
        application = self.house.mobile()
        application.redirect_uri = f"{self.home.replace('localhost', '127.0.0.1')}/callback"
        return f"{self.home}/oauth2/authorize?{urlencode(application.request(**changes))}"


@contextlib.asynccontextmanager
async def city_before(tmp_path, listener, port):
    clock, home, there = Clock(), f"http://localhost:{port}", f"http://127.0.0.1:{port}"
    kota = Place("kota", FakeIssuer(clock, f"{there}/kota"), home)
    pusat = Place("pusat", FakeIssuer(clock, f"{there}/pusat"), home)
    issuers = {
        "kota": told(kota.issuer.address, title_id="Akun Kota Banjarmasin", title_en="Banjarmasin city account"),
        "pusat": told(
            pusat.issuer.address,
            title_id="INApas (identitas digital nasional)",
            title_en="INApas (national digital identity)",
        ),
    }
    network = httpx.MockTransport(Router(kota.issuer, pusat.issuer))
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    async with open_house(tmp_path, url, issuer=home, clock=clock, transport=network, login_issuers=issuers) as house:
        for place in (kota, pusat):
            place.issuer.published = await house.provider.deps.broker.keys.document()
        async with serving(house, listener, kota.route, pusat.route):
            yield City(house, kota, pusat)


@pytest.fixture
async def city(tmp_path, anyio_backend):
    with listening() as (listener, port):
        async with city_before(tmp_path, listener, port) as opened:
            yield opened


async def sees(window, name, *words):
    await look(window, f"elsewhere-{name}")
    text = await window.text()
    for word in words:
        assert word in text, (name, word, text)


def by(place):
    return f"a.button[href*='/oauth2/broker/{place}']"


@pytest.mark.parametrize("language", ["id", pytest.param("en", marks=pytest.mark.long)])
async def test_f48_people_sign_in_elsewhere_link_and_unlink(city, windows, language):
    said = {
        "id": ("Pilih tempat Anda masuk", "Terhubung sejak", "satu-satunya cara", "Putuskan INApas", "Tidak lagi"),
        "en": ("Choose where to sign in", "Linked since", "only way to sign in", "Unlink INApas", "No longer"),
    }[language]
    window = await windows(NARROW, script=False, dark=language == "en")
    await window.go(city.start(ui_locales=language))
    await sees(window, f"{language}-1-choose", said[0])
    await window.click(by("kota"))
    await sees(window, f"{language}-2-consent")
    await window.click("button[value=allow]")
    assert "code" in parse_qs(urlsplit(await window.address()).query)
    await window.go(f"{city.home}/account?lang={language}")
    await sees(window, f"{language}-3-account")
    await window.click("section[aria-labelledby=security] a")
    await sees(window, f"{language}-4-one-way", said[1], said[2])
    await window.click("a[href*='/account/sign-ins/pusat']")
    await sees(window, f"{language}-5-two-ways", said[1])
    assert len(await window.all("a[href*='/unlink']")) == 2
    await window.click("a[href*='/pusat/unlink']")
    await sees(window, f"{language}-6-once-more", said[0])
    city.kota.person |= SECOND
    await window.click(by("kota"))
    await sees(window, f"{language}-7-unlink", said[3])
    await window.click("form button.primary")
    await sees(window, f"{language}-8-unlinked", said[2])
    assert await window.all("a[href*='/unlink']") == []


async def test_f48_what_can_go_wrong_elsewhere_is_said_in_both_languages(city, windows):
    window = await windows(NARROW, script=False)
    await window.go(f"{city.home}/account?lang=id")
    city.kota.denies = True
    await window.click(by("kota"))
    await sees(window, "error-denied", "Anda membatalkan", "You cancelled")
    city.kota.denies = False
    city.kota.person["nonce"] = "another"
    await window.go(f"{city.home}/account")
    await window.click(by("kota"))
    await sees(window, "error-broker", "tidak dapat diterima", "cannot be accepted")
    del city.kota.person["nonce"]
    await window.go(city.start(acr_values="2"))
    await window.click(by("kota"))
    await sees(window, "error-weak", "faktor kedua", "second factor")
    await window.go(f"{city.home}/oauth2/broker/kota/callback?code=x&state={'s' * 43}")
    await sees(window, "error-state", "peramban lain", "another browser")
    await window.go(f"{city.home}/account")
    await window.click(by("kota"))
    await window.go(f"{city.home}/account/sign-ins/kota/unlink")
    await sees(window, "error-last", "satu-satunya", "only way")
    # The identity there is somebody else's here.
    other = await windows(NARROW, script=False)
    await other.go(f"{city.home}/account")
    await other.click(by("pusat"))
    assert "/account" in await other.address()
    await window.go(f"{city.home}/account/sign-ins")
    await window.click("a[href*='/account/sign-ins/pusat']")
    await sees(window, "error-taken", "akun lain", "another account")
    city.kota.issuer.away = True
    await other.go(f"{city.home}/account/sign-ins")
    await other.click("a[href*='/account/sign-ins/kota']")
    await sees(other, "error-away", "tidak dapat dihubungi", "cannot be reached")
