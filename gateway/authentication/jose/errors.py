"""Errors for tokens and keys that are refused."""

from joserfc.errors import JoseError

# Exceptions that joserfc, json and cryptography raise for malformed input.
BAD_INPUT = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class TokenRefusedError(ValueError):
    """The token or key is refused. The message is a fixed sentence without anything from the token."""


class TokenExpiredError(TokenRefusedError):
    """The token has expired."""
