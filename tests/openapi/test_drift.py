"""The committed document is what the routes say, and the routes are what the document says."""

import tempfile
from collections import Counter
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings

COMMITTED = Path(__file__).resolve().parents[2] / "openapi" / "gerbang.json"

PAGES = {"/", "/docs", "/docs/{name}", "/docs/assets/{name}", "/problems", "/problems/{slug}", "/openapi.json"}
"""Pages for people and the document itself: served, and no part of the API."""
DOORS = {"/v1/inbound/{system_id}/{path:path}"}
"""Webhooks: each system pushes as its own interface says, not as ours does."""
PROVIDER = {
    "/oauth2/authorize",
    "/oauth2/login",
    "/oauth2/passkey",
    "/oauth2/second-step",
    "/oauth2/consent",
    "/oauth2/token",
    "/oauth2/revoke",
    "/oauth2/par",
    "/oauth2/device_authorization",
    "/oauth2/device",
    "/oauth2/device/decision",
    "/oauth2/logout",
    "/oauth2/logout/session",
    "/oauth2/introspect",
    "/oauth2/jwks",
    "/oauth2/userinfo",
    "/oauth2/static/provider.css",
    "/oauth2/static/passkeys.js",
    "/account",
    "/account/consents/withdraw",
    "/account/contact",
    "/account/contact/code",
    "/account/contact/remove",
    "/account/verification",
    "/account/verification-code",
    "/account/password",
    "/account/recover",
    "/account/recover/code",
    "/account/recover/password",
    "/account/register",
    "/account/register/code",
    "/account/register/password",
    "/account/sessions/end",
    "/account/sign-out",
    "/account/second-factor",
    "/account/second-factor/app",
    "/account/second-factor/app.svg",
    "/account/second-factor/later",
    "/account/second-factor/passkey",
    "/account/second-factor/recovery-codes",
    "/account/second-factor/remove",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
}
"""The provider's endpoints, described by their own discovery document as OpenID Connect wants."""
WEB = {"/auth/login", "/auth/callback", "/auth/session", "/auth/logout"}
"""Where web pages of our own origin sign people in and out: browsers go there, see docs/frontend.md."""
APPS = {f"/auth/apps/{{app}}/{name}" for name in ("login", "open", "callback", "check", "logout")} | {
    "/oauth2/ticket",
    "/oauth2/link",
}
"""Where agencies' applications, and the proxies before them, ask who is signed in: see docs/legacy-sign-in.md."""


def _app() -> FastAPI:
    with tempfile.TemporaryDirectory() as home:
        return create_app(load_settings(mode=Mode.DEMO, home=Path(home), port=8000), registry=Registry(()))


def _served() -> Counter[tuple[str, str]]:
    routes = [
        route for route in iter_route_contexts(_app().routes) if route.path not in PAGES | DOORS | PROVIDER | WEB | APPS
    ]
    return Counter((method.lower(), str(route.path)) for route in routes for method in route.methods or ())


def test_the_committed_document_is_the_generated_one(generated):
    assert COMMITTED.read_text("utf-8") == generated, "run make openapi, and commit openapi/gerbang.json"


def test_every_route_is_in_the_document_and_every_operation_is_served_once(document):
    described = Counter((method, path) for path, operations in document["paths"].items() for method in operations)
    assert _served() == described


def test_no_exception_is_listed_that_is_not_served():
    assert {route.path for route in iter_route_contexts(_app().routes)} >= PAGES | DOORS | PROVIDER | WEB | APPS


def test_operation_ids_are_unique(document, operations):
    assert len(operations) == sum(len(path) for path in document["paths"].values())
