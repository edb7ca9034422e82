"""The pages in a real Chromium, at the width of a telephone and of a desktop; pictures lie in `test-artefacts/pages`.

Chromium and chromedriver come from Debian (`chromium`, `chromium-driver`). Where they are not, these tests are skipped;
in CI they must be there.
"""

import asyncio
import contextlib
import os
import re
import socket
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.accounts.accounts import MESSAGES_FILE
from gateway.accounts.senders import read_messages
from tests.gateway.provider.chromium import Driver, Window, programs
from tests.gateway.provider.conftest import open_house

pytestmark = [pytest.mark.anyio, pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

TELEPHONE, DESKTOP = (390, 844), (1280, 900)
GOOD = "kuda laut menanam padi"

# The relative luminance and contrast of WCAG 2.2; what is transparent shows what is behind it.
CONTRASTS = """
const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b]
  .map((v) => v / 255)
  .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("h1, h2, p, a, label, button, li, dt, dd, strong, span, input")]
  .filter((node) => node.checkVisibility() && node.textContent.trim())
  .map((node) => {
    const pair = [light(numbers(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    return [(pair[0] + 0.05) / (pair[1] + 0.05), node.textContent.trim().slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
"""
UNLABELLED = """
return [...document.querySelectorAll("input:not([type=hidden]), button, a")].filter((node) => node.checkVisibility())
  .filter((node) => !(node.labels?.length || node.getAttribute("aria-label") || node.textContent.trim()))
  .map((node) => node.outerHTML);
"""
SMALL = """
return [...document.querySelectorAll("button, input:not([type=hidden]), .aside a, .button")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 40).map((node) => node.outerHTML);
"""


@pytest.fixture(scope="module")
def driver():
    if None in programs():
        missing = "Chromium and chromedriver are not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{missing}; CI needs them")
        pytest.skip(missing)
    running = Driver()
    yield running
    running.close()


class Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


async def back_at_the_app(_request):
    return PlainTextResponse("Back at the app")


@pytest.fixture
async def served(tmp_path, anyio_backend):
    """The house at the address of its issuer, and an app's callback beside it."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with open_house(tmp_path, f"sqlite:///{tmp_path / 'pages.db'}", issuer=f"http://localhost:{port}") as house:
        callback = Route("/callback", back_at_the_app)
        app = Starlette(routes=[*house.provider.routes(house.provider.authenticator()), callback])
        server = Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield house
        finally:
            server.should_exit = True
            await serving
    listener.close()


@pytest.fixture
async def windows(driver):
    """Opens windows, and closes them at the end."""
    opened = []

    async def new(size, **traits):
        opened.append(await Window.open(driver, width=size[0], height=size[1], **traits))
        return opened[-1]

    yield new
    for window in opened:
        await window.close()


def starting_address(house, **changes):
    issuer = house.settings.issuer_url
    application = house.mobile(scope="openid profile.read health.read")
    application.redirect_uri = f"{issuer.replace('localhost', '127.0.0.1')}/callback"
    return f"{issuer}/oauth2/authorize?{urlencode(application.request(**changes))}"


async def look(window, name):
    """Take a picture, and judge what can be judged without eyes."""
    await window.picture(name)
    overflow = await window.run("return document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{name} is wider than its window"
    assert await window.run("return document.documentElement.lang") in {"id", "en"}
    assert len(await window.all("h1")) == 1, name
    assert await window.run(CONTRASTS) == [], name
    assert await window.run(UNLABELLED) == [], name
    assert await window.run(SMALL) == [], name


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
    await served.provider.parts.accounts.courier.deliver_due()
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
    await window.click("form[action='/account/counter-code'] button")
    await window.picture("telephone-15-counter-code-dark")
    assert re.fullmatch(r"[0-9]{4} [0-9]{4}", await window.text("p.shown"))
