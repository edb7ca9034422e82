"""Refusals of authentication and authorization, with the challenge (RFC 6750, RFC 9470) that belongs to each.

SignInError
├── NotAuthenticatedError       answered with 401
├── InsufficientAssuranceError  answered with 401 (RFC 9470)
└── InsufficientScopeError      answered with 403
"""

from collections.abc import Iterable

REALM = "gerbang"


def _challenge(**parameters: str) -> str:
    # Every value is ours: fixed sentences and scope names, so quoting needs no escapes.
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in {"realm": REALM, **parameters}.items())


class SignInError(Exception):
    """The caller may not go on as they are. `challenge` is the value for `WWW-Authenticate`."""

    challenge: str
    error: str | None


class NotAuthenticatedError(SignInError):
    """Nobody valid is calling.

    `error` is an RFC 6750 code, or None when nothing that could be judged was presented. `description` is a sentence
    without anything from the request in it.
    """

    def __init__(self, error: str | None = None, description: str | None = None) -> None:
        super().__init__(description or "no access token was presented")
        self.error = error
        self.description = description
        parameters = {"error": error, "error_description": description}
        self.challenge = _challenge(**{name: value for name, value in parameters.items() if value})


class InsufficientAssuranceError(SignInError):
    """The sign-in was not strong enough: answered with 401 and the challenge of RFC 9470."""

    def __init__(self, acr: int) -> None:
        self.acr = acr
        self.error = "insufficient_user_authentication"
        self.description = "a stronger sign-in is needed"
        super().__init__(self.description)
        self.challenge = _challenge(error=self.error, error_description=self.description, acr_values=str(acr))


class InsufficientScopeError(SignInError):
    """The token lacks at least one of `scopes`; all of them are needed."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = frozenset(scopes)
        self.error = "insufficient_scope"
        self.description = "the access token lacks a scope that this needs"
        super().__init__(self.description)
        self.challenge = _challenge(
            error=self.error, error_description=self.description, scope=" ".join(sorted(self.scopes))
        )
