"""A real headless Chromium, driven by Debian's chromedriver over the W3C WebDriver protocol: no library in between."""

import asyncio
import base64
import re
import shutil
import subprocess
from pathlib import Path

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARTEFACTS = Path(__file__).resolve().parents[3] / "test-artefacts" / "pages"

SWITCHES = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--lang=en",
]
ATTEMPTS = 3
"""chromedriver takes a free port for IPv4, and ends if another program has the same one for IPv6."""


def programs():
    """Where chromedriver and Chromium are, or None for what is not there."""
    return shutil.which("chromedriver"), shutil.which("chromium")


class Driver:
    """A chromedriver that runs; `close` ends it with every browser of it."""

    def __init__(self):
        for _ in range(ATTEMPTS):
            if self._started():
                return
            self.close()
        raise RuntimeError("chromedriver ended before it was ready")

    def _started(self):
        driver, _ = programs()
        self.process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                self.url = f"http://127.0.0.1:{found[1]}"
                return True
        return False

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class Window:
    """One browser window, with a profile of its own. Everything is found by CSS selectors."""

    def __init__(self, http, session):
        self.http = http
        self.session = session

    @classmethod
    async def open(cls, driver, *, width, height, script=True, dark=False):
        """A new browser. Without `script` it runs no JavaScript."""
        http = httpx.AsyncClient(base_url=driver.url, timeout=180)
        preferences = {} if script else {"profile.managed_default_content_settings.javascript": 2}
        options = {"binary": programs()[1], "args": SWITCHES, "prefs": preferences}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options}
        answer = await http.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
        window = cls(http, answer.json()["value"]["sessionId"])
        await window.devtools(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 2 if width < 600 else 1, "mobile": width < 600},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await window.devtools("Emulation.setEmulatedMedia", {"features": [scheme]})
        return window

    async def close(self):
        await self.http.delete(f"/session/{self.session}")
        await self.http.aclose()

    async def call(self, method, path, body=None):
        answer = await self.http.request(method, f"/session/{self.session}{path}", json=body)
        value = answer.json()["value"]
        assert answer.is_success, value
        return value

    async def devtools(self, command, params):
        return await self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    async def go(self, url):
        await self.call("POST", "/url", {"url": url})

    async def address(self):
        return await self.call("GET", "/url")

    async def find(self, selector):
        found = await self.call("POST", "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    async def all(self, selector):
        found = await self.call("POST", "/elements", {"using": "css selector", "value": selector})
        return [one[ELEMENT] for one in found]

    async def text(self, selector="body"):
        return await self.call("GET", f"/element/{await self.find(selector)}/text")

    async def attribute(self, selector, name):
        return await self.call("GET", f"/element/{await self.find(selector)}/attribute/{name}")

    async def shown(self, selector):
        return await self.call("GET", f"/element/{await self.find(selector)}/displayed")

    async def type(self, selector, text):
        element = await self.find(selector)
        await self.call("POST", f"/element/{element}/clear", {})
        await self.call("POST", f"/element/{element}/value", {"text": text})

    async def click(self, selector):
        """Click, and wait until the page that follows is there."""
        await self.run("window.before = true")
        await self.call("POST", f"/element/{await self.find(selector)}/click", {})
        async with asyncio.timeout(120):
            while not await self._arrived():  # noqa: ASYNC110 - a browser tells nobody where it has gone
                await asyncio.sleep(0.02)

    async def _arrived(self):
        body = {"script": "return !window.before && document.readyState === 'complete'", "args": []}
        answer = await self.http.post(f"/session/{self.session}/execute/sync", json=body)
        return answer.json()["value"] is True  # between two pages it is an error

    async def active(self):
        """The name of the field that has the focus."""
        element = await self.call("GET", "/element/active")
        return await self.call("GET", f"/element/{element[ELEMENT]}/attribute/name")

    async def run(self, script, *arguments):
        return await self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    async def virtual_authenticator(self):
        """A device with a fingerprint reader, that always says yes."""
        traits = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        return await self.call("POST", "/webauthn/authenticator", traits)

    async def picture(self, name):
        """A picture of the whole page, among the test's artefacts."""
        size = (await self.devtools("Page.getLayoutMetrics", {}))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        taken = await self.devtools(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        (ARTEFACTS / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
