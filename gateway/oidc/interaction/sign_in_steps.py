"""Remaining steps of a sign-in: sign-in, second step, password change, enrolment of a second factor.

Only this module decides the next step, for clients' requests and our own pages. It does so on each request; the only
state is the session.
"""

from enum import StrEnum
from typing import Final

from starlette.requests import Request

from gateway.identity.factors.second_factors import HeldFactors
from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.external.issuers import BROKER_PATH
from gateway.oidc.sessions.login_sessions import SignedInSession
from gateway.oidc.sessions.tickets import SignInTicket
from gateway.policy.principal import RECENT, is_staff

STRONG: Final = 2
"""The level of a sign-in with a second factor."""
FRESH: Final = RECENT


class SignInStep(StrEnum):
    """The next step, as the path of its page; empty if there is none."""

    NONE = ""
    SIGN_IN = "/oauth2/login"
    EXTERNAL = BROKER_PATH
    SECOND = "/oauth2/second-step"
    PASSWORD = "/account/password"  # noqa: S105 - a path
    ENROL = "/account/second-factor"


def sign_in_step(deps: ProviderDependencies) -> SignInStep:
    """Return the sign-in page: our own, or the one that redirects to external providers."""
    return SignInStep.SIGN_IN if deps.broker is None else SignInStep.EXTERNAL


def reachable_levels(deps: ProviderDependencies) -> frozenset[int]:
    """Return the levels that a sign-in can have here: those of our own pages and of the external providers."""
    parties = deps.broker.parties.values() if deps.broker else ()
    return frozenset({1, STRONG, *(level for party in parties for level in party.settings.acr.values())})


def requested_level(deps: ProviderDependencies, ticket: SignInTicket) -> int:
    """Return the lowest requested level. Unreachable levels are ignored; the token states the actual level."""
    return min(ticket.levels & reachable_levels(deps), default=1)


def required_level(deps: ProviderDependencies, signed_in: SignedInSession | None, ticket: SignInTicket) -> int:
    """Return the level that this ticket needs; never less than `STRONG` for officers and operators."""
    staff = signed_in is not None and is_staff(signed_in.sign_in.roles)
    return max(requested_level(deps, ticket), STRONG if staff else 1)


async def session_and_step(
    deps: ProviderDependencies, request: Request, ticket: SignInTicket
) -> tuple[SignedInSession | None, SignInStep]:
    """Return the session of this browser, if it is recent enough for this ticket, and the person's next step."""
    signed_in = await deps.sessions.find(deps.browsers.read(request))
    earliest = ticket.earliest_sign_in
    if signed_in is None or (earliest and signed_in.sign_in.auth_time < earliest):
        return None, sign_in_step(deps)
    if deps.broker is not None:
        sufficient = signed_in.sign_in.acr >= required_level(deps, signed_in, ticket)
        return signed_in, SignInStep.NONE if sufficient else SignInStep.EXTERNAL
    held = await deps.accounts.factors.held(signed_in.sign_in.account_id)
    return signed_in, next_step(signed_in, held, requested_level(deps, ticket))


def next_step(signed_in: SignedInSession, held: HeldFactors, level: int) -> SignInStep:
    """Return the next step of a signed-in person to reach `level`; officers and operators always need a factor."""
    strong = signed_in.sign_in.acr >= STRONG
    if held.any and not strong:
        return SignInStep.SECOND
    if signed_in.password_expires:
        return SignInStep.PASSWORD
    needs_factor = level >= STRONG or is_staff(signed_in.sign_in.roles)
    return SignInStep.ENROL if needs_factor and not strong else SignInStep.NONE
