"""Pages that a real browser shows: served over a socket, looked at, and judged by what needs no eyes."""

import contextlib
import os
import socket

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.pages.routes import provider_routes
from tests.gateway.oidc.answering import answering
from tests.gateway.oidc.chromium import Driver, programs

NARROW, TELEPHONE, DESKTOP = (360, 740), (390, 844), (1280, 900)
"""Width and height of windows, in CSS pixels: of a small telephone, a usual one, a desktop."""

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
const touched = "button, select, input:not([type=hidden], [type=radio]), .pick, .aside a, .button, .act";
return [...document.querySelectorAll(touched)]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 40).map((node) => node.outerHTML);
"""


def started_driver():
    """A chromedriver; a skipped test where there is none, which CI does not put up with."""
    if None in programs():
        missing = "Chromium and chromedriver are not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{missing}; CI needs them")
        pytest.skip(missing)
    return Driver()


async def back_at_the_app(_request):
    return PlainTextResponse("Back at the app")


@contextlib.contextmanager
def listening():
    """A socket on loopback, and its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        yield listener, listener.getsockname()[1]
    finally:
        listener.close()


@contextlib.asynccontextmanager
async def serving(house, listener, *more, desk=None):
    """The house at the address of its issuer, an app's callback beside it, and `more` routes."""
    callback = Route("/callback", back_at_the_app)
    app = Starlette(routes=[*provider_routes(house.provider, house.provider.authenticator(), desk), callback, *more])
    async with answering(app, listener):
        yield house


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
