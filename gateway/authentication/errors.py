"""Refusals of authentication and authorization, each with the challenge that belongs to it (RFC 6750, 9449, 9470).

SignInError
├── NotAuthenticatedError       answered with 401
├── InsufficientAssuranceError  answered with 401 (RFC 9470)
│   └── StaleSignInError        strong enough, but too long ago
├── InsufficientScopeError      answered with 403
└── WrongCallerError            answered with 403

CrossSiteError is separate: it refuses a cross-site request, not a caller.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from gateway.authentication.jose import PROOF_ALGORITHMS

REALM = "gerbang"


class Scheme(StrEnum):
    """How an access token is presented."""

    BEARER = "Bearer"
    DPOP = "DPoP"


def _challenge(scheme: Scheme, **parameters: str) -> str:
    # Every value is a fixed sentence or a scope name, so quoting needs no escapes.
    algorithms = {"algs": " ".join(PROOF_ALGORITHMS)} if scheme is Scheme.DPOP else {}
    fields = {"realm": REALM, **parameters, **algorithms}
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in fields.items())


class CrossSiteError(Exception):
    """A browser sent its cookie with a request that no page of ours made: answered with 403."""


class SignInError(Exception):
    """The caller is refused. `challenge` is the value for `WWW-Authenticate`."""

    challenge: str
    error: str | None
    further: Mapping[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        """Response headers of the refusal."""
        return {"WWW-Authenticate": self.challenge, **self.further}


class NotAuthenticatedError(SignInError):
    """The request has no valid authentication.

    `error` is a code of RFC 6750 or 9449, or None if no token of a supported scheme was presented: then the answer
    names every scheme. `description` is a sentence without anything from the request in it.
    """

    def __init__(
        self,
        error: str | None = None,
        description: str | None = None,
        scheme: Scheme = Scheme.BEARER,
        further: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(description or "no access token was presented")
        self.error = error
        self.description = description
        self.further = further or {}
        if error is None:
            self.challenge = ", ".join(_challenge(each) for each in Scheme)
        else:
            details = {"error_description": description} if description else {}
            self.challenge = _challenge(scheme, error=error, **details)


class InsufficientAssuranceError(SignInError):
    """The sign-in was not strong enough: answered with 401 and the challenge of RFC 9470.

    The challenge names every requirement of the new sign-in, so that one sign-in is enough: the level `acr`, and an age
    of at most `max_age`.
    """

    description = "a stronger sign-in is needed"

    def __init__(self, acr: int, scheme: Scheme = Scheme.BEARER, max_age: timedelta | None = None) -> None:
        super().__init__(self.description)
        self.acr = acr
        self.error = "insufficient_user_authentication"
        required = {"acr_values": str(acr)} if acr > 1 else {}
        if max_age is not None:
            required["max_age"] = str(int(max_age.total_seconds()))
        self.challenge = _challenge(scheme, error=self.error, error_description=self.description, **required)


class StaleSignInError(InsufficientAssuranceError):
    """The sign-in was strong enough, but longer ago than `max_age`."""

    description = "a more recent sign-in is needed"


class InsufficientScopeError(SignInError):
    """The token lacks at least one of `scopes`; all of them are needed."""

    def __init__(self, scopes: Iterable[str], scheme: Scheme = Scheme.BEARER) -> None:
        self.scopes = frozenset(scopes)
        self.error = "insufficient_scope"
        self.description = "the access token lacks a scope that this needs"
        super().__init__(self.description)
        self.challenge = _challenge(
            scheme, error=self.error, error_description=self.description, scope=" ".join(sorted(self.scopes))
        )


class WrongCallerError(SignInError):
    """A machine calls an operation for people, or a person one for machines; no scope would help."""

    def __init__(self, scheme: Scheme = Scheme.BEARER) -> None:
        self.error = "access_denied"
        self.description = "this is not for callers of this kind"
        super().__init__(self.description)
        self.challenge = _challenge(scheme)
