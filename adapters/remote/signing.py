"""Signatures of requests and answers: HTTP Message Signatures (RFC 9421) and `Content-Digest` (RFC 9530). Pure.

There is one profile, so that any language can implement it in a few lines: HMAC-SHA256 with the bytes of the shared
secret, one signature with the label `gerbang`, always the same components in the same order. The signature of an answer
covers the signature of its request, which contains a nonce: an old answer, or one to another request, is refused.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LABEL: Final = "gerbang"
TAG: Final = "gerbang-adapter"
ALGORITHM: Final = "hmac-sha256"

_OF_REQUEST: Final = '("@method" "@path" "content-digest")'
_OF_ANSWER: Final = f'("@status" "content-digest" "signature";req;key="{LABEL}")'
_PARAMETERS: Final = re.compile(r'(?:;[a-z]+=(?:\d{1,15}|"[\x20\x21\x23-\x5b\x5d-\x7e]{0,200}"))+')
_PARAMETER: Final = re.compile(r';([a-z]+)=(?:(\d+)|"([^"]*)")')
_BYTES: Final = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{43}}=):")


class BadSignatureError(ValueError):
    """The answer is not signed as in the profile, not with our secret, or for another request."""


@dataclass(frozen=True, slots=True)
class Key:
    """The shared secret and its name."""

    id: str
    secret: str = field(repr=False)

    def sign(self, base: str) -> str:
        """Return the signature of a signature base, in base64."""
        return base64.b64encode(hmac.digest(self.secret.encode(), base.encode(), "sha256")).decode()


@dataclass(frozen=True, slots=True)
class Signed:
    """The headers of a signed request; `signature` is the value that the answer's signature has to cover."""

    headers: Mapping[str, str] = field(repr=False)
    signature: str = field(repr=False)


def digest_of(content: bytes) -> str:
    """Return the value of `Content-Digest`."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def request_base(method: str, path: str, content: bytes, parameters: str) -> str:
    """Return the signature base of a request (RFC 9421, 2.5)."""
    return _base(
        ('"@method"', method), ('"@path"', path), ('"content-digest"', digest_of(content)), parameters=parameters
    )


def answer_base(asked: Signed, status: int, content: bytes, parameters: str) -> str:
    """Return the signature base of the answer to the request `asked`."""
    covered = f'"signature";req;key="{LABEL}"'
    return _base(
        ('"@status"', str(status)),
        ('"content-digest"', digest_of(content)),
        (covered, asked.signature),
        parameters=parameters,
    )


def sign_request(key: Key, method: str, path: str, content: bytes, *, created: int, nonce: str) -> Signed:
    """Sign one request. `path` is the whole path of its address; `created` is in seconds since 1970."""
    parameters = f'{_OF_REQUEST};created={created};nonce="{nonce}";keyid="{key.id}";alg="{ALGORITHM}";tag="{TAG}"'
    signature = f":{key.sign(request_base(method, path, content, parameters))}:"
    headers = {
        "content-digest": digest_of(content),
        "signature-input": f"{LABEL}={parameters}",
        "signature": f"{LABEL}={signature}",
    }
    return Signed(headers, signature)


def check_answer(key: Key, asked: Signed, status: int, headers: Mapping[str, str], content: bytes) -> None:
    """Check that the answer to the request `asked` is signed with `key`. `headers` have lower-case names.

    `created` of the answer is not checked: the nonce in the request's signature proves that the answer is new. Raises
    `BadSignatureError`.
    """
    if not _same(headers.get("content-digest", ""), digest_of(content)):
        raise BadSignatureError("its Content-Digest is missing or wrong")
    parameters = _parameters(headers.get("signature-input", ""), key)
    given = _BYTES.fullmatch(headers.get("signature", ""))
    if given is None or not _same(given[1], key.sign(answer_base(asked, status, content, parameters))):
        raise BadSignatureError("its signature is missing or wrong")


def _base(*lines: tuple[str, str], parameters: str) -> str:
    return "\n".join(f"{name}: {value}" for name, value in (*lines, ('"@signature-params"', parameters)))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())


def _parameters(written: str, key: Key) -> str:
    """Return the value after the label of `Signature-Input`: the components, then the parameters in any order."""
    start = f"{LABEL}={_OF_ANSWER}"
    rest = written.removeprefix(start)
    if not written.startswith(start) or not _PARAMETERS.fullmatch(rest):
        raise BadSignatureError("its Signature-Input is missing, or covers other components")
    found = _PARAMETER.findall(rest)
    given = {name: number or text for name, number, text in found}
    expected = {"keyid": key.id, "alg": ALGORITHM, "tag": TAG}
    if len(given) != len(found) or "created" not in given or expected.items() - given.items():
        raise BadSignatureError("the parameters of its signature are not those of the profile")
    return written.removeprefix(f"{LABEL}=")
