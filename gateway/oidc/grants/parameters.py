"""Let through to the grant machinery: bounded, unrepeated parameters of their own alphabets, and a true Basic header.

Unrecognised parameters are dropped, as RFC 6749 wants, and a parameter without a value counts as absent.
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
ABOUT_A_TOKEN = frozenset({"token", "token_type_hint", "client_id"})
PROOF_PARAMETERS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""How a client may try to prove itself in a form. A secret there is always refused."""

# Printable ASCII without `"` and `\`: what RFC 6749 (appendix A) allows in error descriptions. The values of every
# parameter that the grant machinery may quote in one are held to it.
_QUOTABLE = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", re.ASCII)
# All of printable ASCII (VSCHAR, RFC 6749, appendix A.5). These belong to the client and come back as they were sent.
_VISIBLE = re.compile(r"[\x20-\x7e]*", re.ASCII)
_OPAQUE = frozenset({"state", "nonce"})
# What people type into the client, and no client gets back.
_TYPED = frozenset({"login_hint", "logout_hint"})


class ParametersRefusedError(Exception):
    """The request is not a well-formed one. The message is a fixed sentence without anything from it."""


def read_parameters(encoded: bytes, known: frozenset[str], most: int = MAX_BODY) -> dict[str, str]:
    """The `known` parameters of a query string or form of at most `most` bytes, or `ParametersRefusedError`."""
    parameters = read_fields(encoded, known, most)
    if any(len(value) > MAX_VALUE for value in parameters.values()):
        raise ParametersRefusedError("A parameter is too long.")
    if not all(_is_of_its_alphabet(name, value) for name, value in parameters.items()):
        raise ParametersRefusedError("A parameter contains characters that are not allowed.")
    return parameters


def _is_of_its_alphabet(name: str, value: str) -> bool:
    if name in _TYPED:
        return value.isprintable()
    return (_VISIBLE if name in _OPAQUE else _QUOTABLE).fullmatch(value) is not None


def read_fields(encoded: bytes, known: frozenset[str], most: int = MAX_BODY) -> dict[str, str]:
    """The same for what people type: any text that is UTF-8, but for the zero character, which no database keeps."""
    if len(encoded) > most:
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
    """The body of a form that was posted, never more than `MAX_BODY`, or `ParametersRefusedError`."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise ParametersRefusedError(f"The body must be {_FORM}.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise ParametersRefusedError("The request is too large.")
    return bytes(body)


def read_basic(header: str | None) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header (RFC 6749, section 2.3.1); None without any header."""
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
