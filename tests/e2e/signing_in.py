"""A browser without JavaScript that signs in over real sockets, whoever sent it to the provider."""

import json

import httpx
from selectolax.lexbor import LexborHTMLParser

from tests.e2e.conftest import HANG_SECONDS, Demo


class Visitor:
    """Follows every redirect, keeps cookies by host, fills in the provider's forms."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.http = httpx.Client(
            trust_env=False, timeout=HANG_SECONDS, follow_redirects=True, headers={"accept-language": "en"}
        )

    def submit(self, page: httpx.Response, **filled: str) -> httpx.Response:
        """Send the page's form."""
        form = LexborHTMLParser(page.text).css_first("form")
        assert form is not None, page.text
        hidden = {node.attributes["name"]: node.attributes["value"] or "" for node in form.css("input[type=hidden]")}
        address = page.url.join(form.attributes["action"] or "")
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        return self.http.post(address, data={**hidden, **filled}, headers={"origin": origin})

    def sign_in(self, address: str, account: str = "resident") -> httpx.Response:
        """Open an address that sends whoever is not signed in to the provider, and come back from there."""
        page = self.http.get(address)
        assert str(page.url).startswith(self.demo.settings.issuer_url), page.url
        passwords = json.loads((self.demo.home / "demo-accounts.json").read_text("utf-8"))["passwords"]
        page = self.submit(page, username=account, password=passwords[account])
        asked = LexborHTMLParser(page.text).css_first("form [name=decision]") is not None
        return self.submit(page, decision="allow") if asked else page
