"""What is said of a token or a key that is not acceptable."""

from joserfc.errors import JoseError

# What joserfc, json and cryptography raise for input that is not what it claims to be.
BAD_INPUT = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class TokenRefusedError(ValueError):
    """The token, or the key, is not acceptable. The message is a fixed sentence without anything of the token."""


class TokenExpiredError(TokenRefusedError):
    """The token was good once."""
