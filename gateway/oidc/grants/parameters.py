"""Validation of request parameters before Authlib: limited size, no repetition, allowed characters; HTTP Basic parsing.

Unknown parameters are ignored, as RFC 6749 requires, and a parameter without a value counts as absent.
"""

import base64
import binascii
import re
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

MAX_VALUE = 4096
MAX_BODY = 16384
_MAX_FIELDS = 64
_FORM = "application/x-www-form-urlencoded"

AUTHORIZE_PARAMETERS = frozenset(
    {
        "response_type",
        "response_mode",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "prompt",
        "max_age",
        "acr_values",
        "ui_locales",
        "login_hint",
        "id_token_hint",
        "request",
        "request_uri",
    }
)
TOKEN_PARAMETERS = frozenset(
    {
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "refresh_token",
        "scope",
        "resource",
        "device_code",
        "audience",
        "subject_token",
        "subject_token_type",
        "actor_token",
        "actor_token_type",
        "requested_token_type",
    }
)
TOKEN_REFERENCE_PARAMETERS = frozenset({"token", "token_type_hint", "client_id"})
PROOF_PARAMETERS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""Client authentication parameters of a form. `client_secret` is always refused."""

# Printable ASCII without `"` and `\`: the characters that RFC 6749 (appendix A) allows in error descriptions. Authlib
# may quote the values of these parameters in one.
_QUOTABLE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", re.ASCII)
# All of printable ASCII (VSCHAR, RFC 6749, appendix A.5), for values that are returned to the client unchanged.
_VISIBLE = re.compile(r"[\x20-\x7e]*", re.ASCII)
_ECHOED = frozenset({"state", "nonce"})
# Text that a user types in the client; it is never returned to a client.
_TYPED = frozenset({"login_hint", "logout_hint"})


class ParametersRefusedError(Exception):
    """The request is malformed. The message is a fixed sentence without anything from the request."""


def read_parameters(encoded: bytes, known: frozenset[str], max_bytes: int = MAX_BODY) -> dict[str, str]:
    """Read the `known` parameters of a query string or form of at most `max_bytes`; or `ParametersRefusedError`."""
    parameters = read_fields(encoded, known, max_bytes)
    if any(len(value) > MAX_VALUE for value in parameters.values()):
        raise ParametersRefusedError("A parameter is too long.")
    if not all(_is_of_its_alphabet(name, value) for name, value in parameters.items()):
        raise ParametersRefusedError("A parameter contains characters that are not allowed.")
    return parameters


def _is_of_its_alphabet(name: str, value: str) -> bool:
    if name in _TYPED:
        return value.isprintable()
    return (_VISIBLE if name in _ECHOED else _QUOTABLE).fullmatch(value) is not None


def read_fields(encoded: bytes, known: frozenset[str], max_bytes: int = MAX_BODY) -> dict[str, str]:
    """Read fields that people type: any UTF-8 text without the zero character, which databases cannot store."""
    if len(encoded) > max_bytes:
        raise ParametersRefusedError("The request is too large.")
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise ParametersRefusedError("The request is not a readable form.") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            continue
        if name in fields:
            raise ParametersRefusedError("A parameter is repeated.")
        if "\0" in value:
            raise ParametersRefusedError("A parameter contains characters that are not allowed.")
        fields[name] = value
    return {name: value for name, value in fields.items() if value}


async def read_form(request: Request) -> bytes:
    """Read the body of a posted form, at most `MAX_BODY` bytes; or raise `ParametersRefusedError`."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise ParametersRefusedError(f"The body must be {_FORM}.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise ParametersRefusedError("The request is too large.")
    return bytes(body)


def read_basic(header: str | None) -> tuple[str, str] | None:
    """Parse client id and secret of an HTTP Basic header (RFC 6749, section 2.3.1); None without a header."""
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise ParametersRefusedError("The client authentication is not HTTP Basic.")
    try:
        pair = base64.b64decode(encoded.strip(" "), validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise ParametersRefusedError("The client authentication cannot be read.") from None
    client_id, colon, secret = pair.partition(":")
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if not colon or not client_id or not secret or not _QUOTABLE.fullmatch(client_id + secret):
        raise ParametersRefusedError("The client authentication cannot be read.")
    return client_id, secret
