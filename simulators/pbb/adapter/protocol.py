"""The adapter protocol on the adapter's side, the same for every system; see `openapi/adapter-protocol.json`.

Requests are signed by the gateway and answers by us: HTTP Message Signatures (RFC 9421) with HMAC-SHA256 over the
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
    """There is no answer; `word` says why (it becomes the problem's type), `retry_after` in seconds says until when."""

    def __init__(self, status: int, word: str, title: str, retry_after: int | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.word = word
        self.title = title
        self.retry_after = retry_after


@dataclass(frozen=True)
class Question:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """Which key a request was signed with, and the signature that the answer has to cover."""

    key_id: str
    signature: str = field(repr=False)
    created: int
    nonce: str = field(repr=False)


class Nonces:
    """The nonces that were seen lately, in one SQLite file that all threads and processes share."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        # Nonces count for minutes only: nothing is lost if the last ones do not outlive a power cut.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, seen_at INTEGER NOT NULL)")

    def is_new(self, nonce: str, now: int) -> bool:
        """Remember a nonce; says whether it was never seen before."""
        with self._lock:
            self._db.execute("DELETE FROM nonces WHERE seen_at < ?", (now - NONCES_KEPT_SECONDS,))
            return self._db.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?)", (nonce, now)).rowcount == 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


class Protocol:
    """Checks a request, lets a handler answer it, and signs the answer.

    `keys`: the shared secrets by their names; while one is being replaced, both stand here. `routes`: handlers by
    method and path below `prefix`. `clock`: seconds since 1970.
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
        """Forget the nonces' file; no question comes any more."""
        self._nonces.close()

    def answer(self, question: Question) -> Answer:
        """The signed answer; one that cannot be signed, because nobody knows with which key, is a refusal."""
        verified: Verified | None = None
        try:
            verified = self._verified(question)
            self._fresh(verified)
            status, headers, message = 200, {"content-type": "application/json"}, self._handled(question)
        except Refusal as refusal:
            status, headers, message = refusal.status, _problem_headers(refusal), _problem(refusal)
        except Exception as error:  # noqa: BLE001 - only the kind of error is told: its text may hold personal data
            sys.stderr.write(f"adapter fault: {type(error).__name__}\n")
            fault = Refusal(500, "fault", "The adapter failed")
            status, headers, message = fault.status, _problem_headers(fault), _problem(fault)
        content = json.dumps(message, ensure_ascii=False).encode()
        signed = {} if verified is None else self._signed(verified, status, content)
        return Answer(status, {**headers, **signed}, content)

    def _verified(self, question: Question) -> Verified:
        """Who signed this request. Raises `Refusal`."""
        digest = question.headers.get("content-digest", "")
        if not hmac.compare_digest(digest.encode(), digest_of(question.content).encode()):
            raise Refusal(401, "digest", "Content-Digest is missing or wrong")
        parameters = question.headers.get("signature-input", "").removeprefix(f"{LABEL}=")
        signature = _SIGNATURE.fullmatch(question.headers.get("signature", ""))
        rest = parameters.removeprefix(REQUEST_COMPONENTS)
        if signature is None or rest == parameters or not _PARAMETERS.fullmatch(rest):
            raise Refusal(401, "signature", "Signature or Signature-Input is missing or wrong")
        given = {name: number or text for name, number, text in _PARAMETER.findall(rest)}
        secret = self._keys.get(given.get("keyid", ""))
        expected = _sign(
            secret or "",
            ('"@method"', question.method),
            ('"@path"', question.path),
            ('"content-digest"', digest),
            ('"@signature-params"', parameters),
        )
        if secret is None or not hmac.compare_digest(signature[1], expected):
            raise Refusal(401, "signature", "The signature does not fit")
        if given.get("tag") != TAG or not given.get("created", "").isdigit() or len(given.get("nonce", "")) < 16:
            raise Refusal(401, "signature", "The signature has no tag, created or nonce as agreed")
        return Verified(given["keyid"], signature[1], int(given["created"]), given["nonce"])

    def _fresh(self, verified: Verified) -> None:
        now = int(self._clock())
        if abs(now - verified.created) > SKEW_SECONDS:
            raise Refusal(401, "clock", "The request is too old, or one of our clocks is wrong")
        if not self._nonces.is_new(f"{verified.key_id}/{verified.nonce}", now):
            raise Refusal(409, "nonce-seen", "This request was received before")

    def _handled(self, question: Question) -> Json:
        below = question.path.removeprefix(self._prefix)
        handler = self._routes.get((question.method, below))
        if handler is None:
            raise Refusal(404, "not-granted", "There is no such row")
        try:
            message = json.loads(question.content) if question.content else {}
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise Refusal(400, "message", "The message is not a JSON object")
        return handler(message)

    def _signed(self, verified: Verified, status: int, content: bytes) -> dict[str, str]:
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
