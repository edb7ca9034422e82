"""The pages in a real Chromium, at the width of a telephone and of a desktop; pictures lie in `test-artefacts/pages`.

Chromium and chromedriver come from Debian (`chromium`, `chromium-driver`). Where they are not, these tests are skipped;
in CI they must be there.
"""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from gateway.identity.messages.senders import read_messages
from gateway.identity.messages.settings import MESSAGES_FILE
from gateway.identity.verification import VerificationOutcome
from tests.gateway.oidc.conftest import open_house
from tests.gateway.oidc.looking import DESKTOP, NARROW, TELEPHONE, listening, look, serving

pytestmark = [pytest.mark.anyio, pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

GOOD = "kuda laut menanam padi"


@pytest.fixture
async def served(tmp_path, anyio_backend):
    """The house at the address of its issuer."""
    with listening() as (listener, port):
        url, issuer = f"sqlite:///{tmp_path / 'pages.db'}", f"http://localhost:{port}"
        async with open_house(tmp_path, url, issuer=issuer) as house, serving(house, listener):
            yield house


def starting_address(house, **changes):
    issuer = house.settings.issuer_url
    application = house.mobile(scope="openid profile.read health.read")
    application.redirect_uri = f"{issuer.replace('localhost', '127.0.0.1')}/callback"
    return f"{issuer}/oauth2/authorize?{urlencode(application.request(**changes))}"


async def sign_in(house, window, account="resident"):
    await window.type("#username", account)
    await window.type("#password", house.password(account))
    await window.click("form button.primary")


async def landed(window):
    """What the app was answered at its callback."""
    address = await window.address()
    assert "/callback" in address, await window.text()
    return parse_qs(urlsplit(address).query)


@pytest.mark.parametrize(("size", "kind"), [(TELEPHONE, "telephone"), (DESKTOP, "desktop")])
async def test_f48_sign_in_consent_step_up_sessions_and_sign_out(served, windows, size, kind):
    window, issuer = await windows(size), served.settings.issuer_url
    await window.go(starting_address(served, ui_locales="id"))
    await look(window, f"{kind}-1-login")
    assert await window.active() == "username"
    await sign_in(served, window)
    await look(window, f"{kind}-2-consent")
    await window.click("button[value=allow]")
    assert "code" in await landed(window)

    served.clock.forward(seconds=1)
    await window.go(starting_address(served, acr_values="2", ui_locales="id"))
    await look(window, f"{kind}-3-second-factor")
    await window.click("section[aria-labelledby=app] button")
    await look(window, f"{kind}-4-app")
    assert await window.run("return document.querySelector('img.picture').naturalWidth > 0"), "the QR code is drawn"
    served.access.apps["resident"] = (await window.text("p.secret")).replace(" ", "")
    await window.type("#code", served.code_of_app("resident"))
    await window.click("ol.steps button")
    await look(window, f"{kind}-5-recovery-codes")
    await window.click("p.go a")
    await window.click("button[value=allow]")
    assert "code" in await landed(window)

    other = await windows(DESKTOP)
    await other.go(starting_address(served))
    await sign_in(served, other)
    await look(other, f"{kind}-6-second-step")
    await other.type("#code", served.code_of_app("resident"))
    await other.click("form button.primary")
    assert "code" in await landed(other)

    await window.go(f"{issuer}/account?lang=id")
    await look(window, f"{kind}-7-account")
    assert len(await window.all("section[aria-labelledby=sessions] li")) >= 2
    await window.click("section[aria-labelledby=sessions] li form button")
    await window.click("section[aria-labelledby=consents] li form button")
    assert await window.all("section[aria-labelledby=consents] li form") == []
    await other.go(f"{issuer}/account")
    assert await other.shown("#password"), "the other browser was signed out"
    await window.click(".head button")
    await look(window, f"{kind}-8-signed-out")
    await window.go(f"{issuer}/account")
    assert await window.shown("#password")


@pytest.mark.parametrize("language", ["id", pytest.param("en", marks=pytest.mark.long)])
async def test_f48_a_kiosk_is_connected_from_a_telephone(served, windows, language):
    window, issuer = await windows(NARROW, script=False, dark=language == "en"), served.settings.issuer_url
    async with httpx.AsyncClient(base_url=issuer) as kiosk:
        asked = {"client_id": "gerbang-kiosk", "scope": "openid profile.read applications.read"}
        codes = [(await kiosk.post("/oauth2/device_authorization", data=asked)).json()["user_code"] for _ in range(2)]
    await window.go(f"{issuer}/oauth2/device?lang={language}")
    await sign_in(served, window)
    await look(window, f"device-{language}-1-code")
    assert await window.active() == "user_code"
    await window.type("#user_code", "BCDF-GHJK")
    await window.click("form button.primary")
    await look(window, f"device-{language}-2-wrong")
    await window.type("#user_code", codes[0])
    await window.click("form button.primary")
    await look(window, f"device-{language}-3-confirm")
    assert codes[0] in await window.text()
    await window.click("button[value=allow]")
    await look(window, f"device-{language}-4-done")
    await window.go(f"{issuer}/oauth2/device?user_code={codes[1]}&lang={language}")
    await window.click("form button.primary")
    await window.click("button[value=deny]")
    await look(window, f"device-{language}-5-refused")


@pytest.mark.parametrize("language", ["id", pytest.param("en", marks=pytest.mark.long)])
async def test_f48_contacts_are_added_and_removed(served, windows, language):
    window, issuer = await windows(NARROW, script=False, dark=language == "en"), served.settings.issuer_url
    await window.go(f"{issuer}/account/contact?lang={language}")
    await sign_in(served, window)
    await look(window, f"contact-{language}-1-none")
    for typed in ("galuh.kenanga@banjarmasin.example", "0812 3456 7890"):
        await window.go(f"{issuer}/account/contact?lang={language}")
        await window.type("#contact", typed)
        await window.click("main > form button.primary")
        await served.provider.deps.accounts.outbox_worker.deliver_due()
        sent = read_messages(served.settings.home / MESSAGES_FILE)[-1]
        await window.type("#code", re.search(r"[0-9]{6}", sent["text"])[0])
        await window.click("form button.primary")
    await window.go(f"{issuer}/account/contact?lang={language}")
    await look(window, f"contact-{language}-2-two")
    await window.click("section[aria-labelledby=held] li form button")
    await window.go(f"{issuer}/account/contact?lang={language}")
    await look(window, f"contact-{language}-3-last")
    assert await window.all("section[aria-labelledby=held] li form") == []


class Desk:
    """Where the page hands visits to: it says what it is told to, and remembers."""

    def __init__(self):
        self.says, self.visits = VerificationOutcome.VERIFIED, []

    async def verify(self, request, officer, visit):
        self.visits.append((officer.region, visit))
        return self.says


@pytest.fixture
async def desk(tmp_path, anyio_backend):
    """The house with a desk for officers."""
    with listening() as (listener, port):
        url, issuer = f"sqlite:///{tmp_path / 'pages.db'}", f"http://localhost:{port}"
        async with open_house(tmp_path, url, issuer=issuer) as house, serving(house, listener, desk=(made := Desk())):
            yield house, made


@pytest.mark.parametrize("language", ["id", pytest.param("en", marks=pytest.mark.long)])
async def test_f48_an_officer_verifies_a_nik_at_the_counter(desk, windows, language):
    house, desk = desk
    window, issuer = await windows(NARROW, script=False, dark=language == "en"), house.settings.issuer_url
    await window.go(f"{issuer}/account?lang={language}")
    await sign_in(house, window, "officer-mantuil")
    await window.type("#code", house.code_of_app("officer-mantuil"))
    await window.click("form button.primary")
    await look(window, f"counter-{language}-1-account")
    await window.click("section[aria-labelledby=duties] a")
    await look(window, f"counter-{language}-2-form")
    for said, name in ((VerificationOutcome.NOT_FOUND, "3-wrong"), (VerificationOutcome.VERIFIED, "4-done")):
        desk.says = said
        await window.call("POST", f"/element/{await window.find('input[value=ktp-el]')}/click", {})
        await window.type("#nik", "6371 9945 0290 0011")
        await window.type("#code", "4821 0937")
        await window.call("POST", f"/element/{await window.find('option[value=identity-verification]')}/click", {})
        await window.click("form button.primary")
        await look(window, f"counter-{language}-{name}")
        shown = await window.run("return document.documentElement.outerHTML + location.href")
        assert "6371" not in shown
    assert [(region, visit.nik, visit.code) for region, visit in desk.visits] == [
        ("63.71.01.1001", "6371994502900011", "48210937")
    ] * 2
    await window.click("p.go a")
    assert await window.shown("#nik")


async def test_a_passkey_is_made_and_signs_in_alone(served, windows):
    window, issuer = await windows(TELEPHONE), served.settings.issuer_url
    await window.virtual_authenticator()
    await window.go(f"{issuer}/account/second-factor")
    await sign_in(served, window)
    await window.type("#label", "Ponsel saya")
    await window.click("section[aria-labelledby=passkey] button")
    assert await window.shown("ul.codes")
    await window.go(f"{issuer}/account")
    assert "passkey (1)" in await window.text()
    await window.click(".head button")
    await window.go(starting_address(served, acr_values="2"))
    await window.picture("telephone-9-login-with-passkey")
    await window.click("form[data-passkey] button")
    assert await window.shown("button[value=allow]")
    await window.click("button[value=allow]")
    assert "code" in await landed(window)
    await window.go(f"{issuer}/account/second-factor")
    await look(window, "telephone-10-factors")


async def test_f48_a_resident_registers_without_javascript_in_the_dark(served, windows):
    window, issuer = await windows(TELEPHONE, script=False, dark=True), served.settings.issuer_url
    await window.go(starting_address(served, ui_locales="id"))
    assert not await window.shown("form[data-passkey]"), "passkeys need a script"
    await window.click("main > p.aside a")
    await window.picture("telephone-11-register-dark")
    await window.type("#name", "Galuh Kenanga")
    await window.type("#contact", "0812 3456 7890")
    await window.click("form button.primary")
    await window.picture("telephone-12-code-dark")
    await served.provider.deps.accounts.outbox_worker.deliver_due()
    sent = read_messages(served.settings.home / MESSAGES_FILE)[-1]
    await window.type("#code", re.search(r"[0-9]{6}", sent["text"])[0])
    await window.click("form button.primary")
    await window.picture("telephone-13-password-dark")
    await window.type("#password", GOOD)
    await window.type("#again", GOOD)
    await window.click("form button.primary")
    await window.picture("telephone-14-consent-dark")
    await window.click("button[value=allow]")
    assert "code" in await landed(window)
    await window.go(f"{issuer}/account?lang=id")
    await window.click("form[action='/account/verification-code'] button")
    await window.picture("telephone-15-counter-code-dark")
    assert re.fullmatch(r"[0-9]{4} [0-9]{4}", await window.text("p.shown"))
