"""The interactive documentation in a real Chromium: signing in by its button, trying operations out, signing out."""

import asyncio

import pytest
from argon2 import PasswordHasher

from gateway.app import create_app
from gateway.demo.seed import seed_demo
from gateway.identity.passwords import Passwords
from gateway.registry.registry import Registry
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES, NIK
from tests.gateway.oidc.answering import answering
from tests.gateway.oidc.looking import DESKTOP, listening

pytestmark = [pytest.mark.anyio, pytest.mark.chromium, pytest.mark.xdist_group("chromium-docs")]

HANGING = 120
"""Seconds after which a browser that shows nothing is taken to hang."""


@pytest.fixture
async def served(tmp_path, anyio_backend):
    """The whole gateway at the address of its issuer, and the passwords of its accounts."""
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    with listening() as (listener, port):
        issuer = f"http://localhost:{port}"
        settings = Settings(mode="demo", home=tmp_path, port=port, issuer=issuer, agencies=agencies)
        app = create_app(settings, registry=Registry(()))
        async with app.router.lifespan_context(app):
            deps = app.state.deps
            cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            access = await seed_demo(deps.database, deps.sealer, settings, {"resident": NIK}, passwords=cheap)
            async with answering(app, listener):
                yield issuer, access


async def until(window, script):
    """Wait until a script says something that is true, and give it."""
    async with asyncio.timeout(HANGING):
        while not (found := await window.run(script)):  # noqa: ASYNC110 - a browser tells nobody what it shows
            await asyncio.sleep(0.05)
    return found


async def press(window, selector):
    """Press a button that leads to no other page."""
    await until(window, f"return document.querySelector({selector!r})")
    await window.run(f"document.querySelector({selector!r}).click()")


async def execute(window, operation, status, **parameters):
    """Execute an operation whose form is open, and wait until its answer has this status."""
    block = f"#operations-{operation}"
    for name, value in parameters.items():
        await until(window, f"return document.querySelector('{block} tr[data-param-name={name}] input') !== null")
        await window.type(f"{block} tr[data-param-name={name}] input", value)
        await window.run("document.activeElement.blur()")  # the interface takes a value when its field is left
    await press(window, f"{block} .execute")
    shown = f"{block} .live-responses-table tbody .response-col_status"
    await until(window, f"return document.querySelector('{shown}')?.innerText.trim().startsWith('{status}')")


async def try_out(window, operation, status, **parameters):
    """Open the form of an operation that is shown, and execute it."""
    await press(window, f"#operations-{operation} .try-out__btn")
    await execute(window, operation, status, **parameters)


async def test_f43_people_sign_in_by_the_button_and_try_operations_out(served, windows):
    issuer, access = served
    window = await windows(DESKTOP)
    await window.go(f"{issuer}/docs#/me/listMySessions")
    await try_out(window, "me-listMySessions", 401)
    assert "Sign in" in await until(window, "return document.querySelector('.btn.authorize')?.innerText")
    await window.click(".btn.authorize")
    await window.type("#username", "resident")
    await window.type("#password", access.passwords["resident"])
    await window.click("form button.primary")
    await window.click("button[value=allow]")
    assert await window.address() == f"{issuer}/docs#/me/listMySessions", "back at the operation"
    name = await until(window, "return document.querySelector('.signed-in')?.innerText")
    assert name == "Galuh Kenanga Pelangi"
    await window.picture("docs-signed-in")
    await try_out(window, "me-listMySessions", 200)
    # What changes something carries the mark of our pages: it is refused for what it names, not as another site's.
    await press(window, "#operations-me-endMySession .opblock-summary-control")
    await try_out(window, "me-endMySession", 404, session_id="ses_none")
    kept = await window.run("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]', "no token is kept where a script could read it"
    await press(window, ".btn.authorize.locked")
    await until(window, "return document.querySelector('.btn.authorize.unlocked')")
    await execute(window, "me-listMySessions", 401)
