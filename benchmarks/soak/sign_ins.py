"""People who sign in with their password while the gateway is loaded, look at their overview, and sign out."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from selectolax.lexbor import LexborHTMLParser

from benchmarks.soak import checks
from benchmarks.soak.callers import Findings

ACCOUNT: Final = "resident"


@dataclass(slots=True)
class SignIns:
    """Signs the demonstration's resident in again and again."""

    address: str
    home: Path
    findings: Findings

    async def run(self, pause: float) -> None:
        """Sign in each `pause` seconds, until cancelled."""
        while True:
            try:
                found = await self.sign_in()
            except httpx.HTTPError as error:
                found = [f"no answer: {type(error).__name__}"]
            self.findings.add("sign-in", found)
            await asyncio.sleep(pause)

    async def sign_in(self) -> list[str]:
        """Sign in, read the overview, and sign out; return what was wrong.

        503 is the sign-in's word for a database that is too busy: counted, but not wrong.
        """
        headers = {"accept-language": "en"}
        async with httpx.AsyncClient(trust_env=False, timeout=60, follow_redirects=True, headers=headers) as browser:
            page = await browser.get(f"{self.address}/auth/login?return_to=/auth/session")
            password = json.loads((self.home / "demo-accounts.json").read_text("utf-8"))["passwords"][ACCOUNT]
            page = await _submit(browser, page, username=ACCOUNT, password=password)
            if LexborHTMLParser(page.text).css_first("form [name=decision]") is not None:
                page = await _submit(browser, page, decision="allow")
            session = await browser.get(f"{self.address}/auth/session")
            if session.status_code != 200 or not session.json().get("signed_in"):
                if page.status_code == 503:
                    self.findings.unexplained["sign-in"] += 1
                    return []
                title = LexborHTMLParser(page.text).css_first("h1")
                said = title.text() if title is not None else ""
                return [f"the sign-in has failed with status {page.status_code} at {page.url.path}: {said}"]
            answer = await browser.get(f"{self.address}/v1/me/overview")
            found = list(checks.foreign_canaries(answer.content, ACCOUNT))
            if answer.status_code == 200:
                found += checks.envelope(answer.json())
            else:
                found += checks.refusal(answer.status_code, answer.json())
            out = await browser.post(
                f"{self.address}/auth/logout", headers={"origin": self.address, "Gerbang-Request": "1"}
            )
            if out.is_error:
                found.append(f"the sign-out has failed with status {out.status_code}")
            return found


async def _submit(browser: httpx.AsyncClient, page: httpx.Response, **filled: str) -> httpx.Response:
    """Send the form of a page."""
    form = LexborHTMLParser(page.text).css_first("form")
    if form is None:
        return page
    hidden = {node.attributes["name"] or "": node.attributes["value"] or "" for node in form.css("input[type=hidden]")}
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    return await browser.post(
        page.url.join(form.attributes["action"] or ""), data={**hidden, **filled}, headers={"origin": origin}
    )
