"""The adapter's side of the adapter protocol, the same for every system; see `openapi/adapter-protocol.json`.

The gateway signs requests and the adapter signs answers: HTTP Message Signatures (RFC 9421) with HMAC-SHA256 over the
shared secret, one signature labelled `gerbang`, always over the same components.
"""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LABEL = "gerbang"
TAG = "gerbang-adapter"
REQUEST_COMPONENTS = '("@method" "@path" "content-digest")'
ANSWER_COMPONENTS = f'("@status" "content-digest" "signature";req;key="{LABEL}")'
SKEW_SECONDS = 60
NONCES_KEPT_SECONDS = 300

_PARAMETER = re.compile(r';([a-z]+)=(?:(\d{1,15})|"([^"\\]{0,200})")')
_PARAMETERS = re.compile(rf"(?:{_PARAMETER.pattern})+")
_SIGNATURE = re.compile(rf"{LABEL}=(:[A-Za-z0-9+/]{{43}}=:)")

Json = dict[str, Any]
Handler = Callable[[Json], Json]
Routes = Mapping[tuple[str, str], Handler]


class Refusal(Exception):  # noqa: N818 - a refusal is an answer here, not an error
    """The request is refused. `word` becomes the problem's type; `retry_after` is in seconds."""

    def __init__(self, status: int, word: str, title: str, retry_after: int | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.word = word
        self.title = title
        self.retry_after = retry_after


@dataclass(frozen=True)
class Question:
    """One request as received; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """The answer to send."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """The key that signed a request, and the signature that the answer has to cover."""

    key_id: str
    signature: str = field(repr=False)
    created: int
    nonce: str = field(repr=False)


class Nonces:
    """The recently used nonces, in one SQLite file that all threads and processes share."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        # Nonces are valid for minutes only, so losing the last ones in a power cut is harmless.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, seen_at INTEGER NOT NULL)")

    def is_new(self, nonce: str, now: int) -> bool:
        """Store a nonce; return whether it is new."""
        with self._lock:
            self._db.execute("DELETE FROM nonces WHERE seen_at < ?", (now - NONCES_KEPT_SECONDS,))
            return self._db.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?)", (nonce, now)).rowcount == 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


class Protocol:
    """Verifies a request, calls its handler, and signs the answer.

    `keys`: the shared secrets by key id; during a rotation, both. `routes`: handlers by method and path below `prefix`.
    `clock`: seconds since 1970.
    """

    def __init__(
        self, keys: Mapping[str, str], nonces: Nonces, routes: Routes, clock: Callable[[], float], prefix: str = ""
    ) -> None:
        self._keys = keys
        self._nonces = nonces
        self._routes = routes
        self._clock = clock
        self._prefix = prefix

    def close(self) -> None:
        """Close the file of nonces."""
        self._nonces.close()

    def answer(self, question: Question) -> Answer:
        """Return the signed answer; only an answer to an unverified request is unsigned."""
        verified: Verified | None = None
        try:
            verified = self._verify(question)
            self._check_fresh(verified)
            status, headers, message = 200, {"content-type": "application/json"}, self._call_handler(question)
        except Refusal as refusal:
            status, headers, message = refusal.status, _problem_headers(refusal), _problem(refusal)
        except Exception as error:  # noqa: BLE001 - only the type of error is logged: its text may contain personal data
            sys.stderr.write(f"adapter fault: {type(error).__name__}\n")
            fault = Refusal(500, "fault", "The adapter failed")
            status, headers, message = fault.status, _problem_headers(fault), _problem(fault)
        content = json.dumps(message, ensure_ascii=False).encode()
        signed = {} if verified is None else self._signature_headers(verified, status, content)
        return Answer(status, {**headers, **signed}, content)

    def _verify(self, question: Question) -> Verified:
        """Verify the signature and return its key. Raises `Refusal`."""
        digest = question.headers.get("content-digest", "")
        if not hmac.compare_digest(digest.encode(), digest_of(question.content).encode()):
            raise Refusal(401, "digest", "Content-Digest is missing or wrong")
        parameters = question.headers.get("signature-input", "").removeprefix(f"{LABEL}=")
        signature = _SIGNATURE.fullmatch(question.headers.get("signature", ""))
        rest = parameters.removeprefix(REQUEST_COMPONENTS)
        if signature is None or rest == parameters or not _PARAMETERS.fullmatch(rest):
            raise Refusal(401, "signature", "Signature or Signature-Input is missing or wrong")
        parameter = {name: number or text for name, number, text in _PARAMETER.findall(rest)}
        secret = self._keys.get(parameter.get("keyid", ""))
        expected = _sign(
            secret or "",
            ('"@method"', question.method),
            ('"@path"', question.path),
            ('"content-digest"', digest),
            ('"@signature-params"', parameters),
        )
        if secret is None or not hmac.compare_digest(signature[1], expected):
            raise Refusal(401, "signature", "The signature is wrong")
        if (
            parameter.get("tag") != TAG
            or not parameter.get("created", "").isdigit()
            or len(parameter.get("nonce", "")) < 16
        ):
            raise Refusal(401, "signature", "The signature lacks tag, created or nonce")
        return Verified(parameter["keyid"], signature[1], int(parameter["created"]), parameter["nonce"])

    def _check_fresh(self, verified: Verified) -> None:
        now = int(self._clock())
        if abs(now - verified.created) > SKEW_SECONDS:
            raise Refusal(401, "clock", "The request is too old, or a clock is wrong")
        if not self._nonces.is_new(f"{verified.key_id}/{verified.nonce}", now):
            raise Refusal(409, "nonce-seen", "This request was received before")

    def _call_handler(self, question: Question) -> Json:
        path = question.path.removeprefix(self._prefix)
        handler = self._routes.get((question.method, path))
        if handler is None:
            raise Refusal(404, "not-granted", "There is no such row")
        try:
            message = json.loads(question.content) if question.content else {}
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise Refusal(400, "message", "The message is not a JSON object")
        return handler(message)

    def _signature_headers(self, verified: Verified, status: int, content: bytes) -> dict[str, str]:
        digest = digest_of(content)
        parameters = (
            f'{ANSWER_COMPONENTS};created={int(self._clock())};keyid="{verified.key_id}";alg="hmac-sha256";tag="{TAG}"'
        )
        signature = _sign(
            self._keys[verified.key_id],
            ('"@status"', str(status)),
            ('"content-digest"', digest),
            (f'"signature";req;key="{LABEL}"', verified.signature),
            ('"@signature-params"', parameters),
        )
        return {
            "content-digest": digest,
            "signature-input": f"{LABEL}={parameters}",
            "signature": f"{LABEL}={signature}",
        }


def digest_of(content: bytes) -> str:
    """The value of `Content-Digest` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def _sign(secret: str, *lines: tuple[str, str]) -> str:
    base = "\n".join(f"{name}: {value}" for name, value in lines)
    return f":{base64.b64encode(hmac.digest(secret.encode(), base.encode(), 'sha256')).decode()}:"


def _problem(refusal: Refusal) -> Json:
    return {"type": f"urn:gerbang:adapter:{refusal.word}", "title": refusal.title, "status": refusal.status}


def _problem_headers(refusal: Refusal) -> dict[str, str]:
    headers = {"content-type": "application/problem+json"}
    return headers if refusal.retry_after is None else {**headers, "retry-after": str(refusal.retry_after)}
