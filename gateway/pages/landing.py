"""`/`: start page with a description, the state of the systems, and links; JSON links for programs.

The state of the systems is that of `/v1/systems`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.negotiation import preferred_media_type
from gateway.api.problems.problem_types import PROBLEMS
from gateway.api.request_headers import combined_header
from gateway.api.resources.systems import all_systems
from gateway.oidc.html.pages import page_language
from gateway.oidc.html.texts import TEXTS
from gateway.settings import Mode
from schemas.envelope import SourceState
from schemas.system import CircuitState, OfficeStatus, System, SystemState
from schemas.texts import Language

DemoAccounts = Callable[[], Sequence[Mapping[str, Any]]]
"""Returns the accounts of the demonstration: `account`, `password`, `shows_id` and `shows_en` of each."""

router = APIRouter(include_in_schema=False)

_HTML: Final = "text/html"
_JSON: Final = "application/json"
_VARY: Final = "Accept, Accept-Language"
_WAYS: Final = (("account", "/account"), ("docs", "/docs"), ("openapi", "/openapi.json"), ("problems", "/problems"))
_LINKS: Final = {
    "api": "/v1",
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "systems": "/v1/systems",
    "problems": "/problems",
    "account": "/account",
    "openid_configuration": "/.well-known/openid-configuration",
}


class SystemCondition(StrEnum):
    """State of a system, for people. `absent`: its adapter could not be loaded, so that it is not served."""

    ANSWERING = "answering"
    PARTLY = "partly"
    SILENT = "silent"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of one office, and the time of the oldest data that is still shown."""

    text: str
    data_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class SystemReport:
    """A system as the page shows it."""

    title: str
    agency: str | None
    condition: SystemCondition
    troubles: tuple[Trouble, ...]


@router.get("/")
async def landing(request: Request, deps: ApiDeps, lang: str = "") -> Response:
    """Serve the page, or the links as JSON if the client prefers it."""
    language = page_language(request, lang, "")
    if preferred_media_type(combined_header(request.headers, "accept"), (_HTML, _JSON)) == _JSON:
        return _links(deps, language)
    reports = [report(system, Language(language)) for system in all_systems(deps)]
    response = deps.pages.render(
        "landing",
        language,
        {
            "demo": deps.settings.mode is Mode.DEMO,
            "ways": [{"name": name, "address": address} for name, address in _WAYS],
            "systems": reports,
            "good": sum(one.condition is SystemCondition.ANSWERING for one in reports),
            "at": deps.clock(),
            "accounts": _accounts(request, deps, language),
        },
        switch="/",
        status=200,
        target=None,
    )
    response.headers["Vary"] = _VARY
    return response


def report(system: System, language: Language) -> SystemReport:
    """Build the report of a system."""
    agency = system.agency
    if system.state is SystemState.FAILED:
        reason = (Trouble(system.reason.in_language(language)),) if system.reason else ()
        return SystemReport(system.name.in_language(language), None, SystemCondition.ABSENT, reason)
    return SystemReport(
        system.name.in_language(language),
        agency.name.in_language(language) if agency and agency.name else None,
        _combine([condition_of(office) for office in system.offices]),
        tuple(_trouble(office, language) for office in system.offices if _is_troubled(office)),
    )


def condition_of(office: OfficeStatus) -> SystemCondition:
    """Return the state of one office: by its last call, and by the age of its snapshots."""
    held = [entry.state is SourceState.HELD for entry in office.snapshots]
    if _is_troubled(office):
        return SystemCondition.PARTLY if any(held) else SystemCondition.SILENT
    return SystemCondition.ANSWERING if held or office.last_success_at is not None else SystemCondition.UNKNOWN


def _is_troubled(office: OfficeStatus) -> bool:
    failed = office.circuit is not CircuitState.CLOSED or office.last_cause is not None
    return failed or any(entry.state is not SourceState.HELD for entry in office.snapshots)


def _combine(offices: Sequence[SystemCondition]) -> SystemCondition:
    """Combine the states of a system's offices. Offices that were not called yet do not count."""
    known = {one for one in offices if one is not SystemCondition.UNKNOWN}
    if not known:
        return SystemCondition.UNKNOWN
    return known.pop() if len(known) == 1 else SystemCondition.PARTLY


def _trouble(office: OfficeStatus, language: Language) -> Trouble:
    old = [entry for entry in office.snapshots if entry.state is not SourceState.HELD]
    cause = office.last_cause or next((entry.cause for entry in old if entry.cause), None)
    text = PROBLEMS[cause or "circuit-open"].title.in_language(language)
    name = office.name.in_language(language) if office.name else office.id
    shown = [entry.fetched_at for entry in old if entry.state is SourceState.STALE and entry.fetched_at]
    return Trouble(f"{name}: {text}" if name else text, min(shown, default=None))


def _accounts(request: Request, deps: ApiDependencies, language: str) -> list[dict[str, Any]]:
    """Return the demonstration's accounts, if people sign in with them; the demo command provides them."""
    known: DemoAccounts | None = getattr(request.app.state, "demo_accounts", None)
    if known is None or deps.settings.mode is not Mode.DEMO or deps.settings.login_issuers:
        return []
    return [
        {"account": one["account"], "password": one["password"], "shows": one[f"shows_{language}"]} for one in known()
    ]


def _links(deps: ApiDependencies, language: str) -> Response:
    issuer = deps.settings.issuer_url
    content = {
        "name": TEXTS[language]["product"],
        "description": TEXTS[language]["landing_lead"],
        "links": {name: f"{issuer}{path}" for name, path in _LINKS.items()},
    }
    headers = {"Cache-Control": "public, max-age=300", "Vary": _VARY, "Content-Language": language}
    return Response(to_json(content), media_type=_JSON, headers=headers)
