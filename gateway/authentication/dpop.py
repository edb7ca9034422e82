"""Verification of DPoP proofs (RFC 9449): a token that is bound to a key is refused without a proof of that key.

A proof is a signed token for one request. It names the method and address, is at most a minute old, and is valid once.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from gateway.authentication.dpop_nonces import DpopNonces
from gateway.authentication.jose import TokenRefusedError, read_proof
from gateway.ground.clock import Clock
from gateway.storage.engine import Database
from gateway.storage.single_use import is_first_use_async

WINDOW = timedelta(seconds=60)
"""Largest accepted difference between the `iat` of a proof and the clock, to either side."""

_STORED_FOR = WINDOW + timedelta(seconds=1)
"""How long the `jti` of a proof is stored; one second more than `WINDOW`, since whole seconds are compared."""
_USE = "dpop"
_MAX_ID = 256
_ADDRESS = re.compile(r"[!-~]{1,2048}", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class ProofRefusedError(Exception):
    """The proof is refused. The message is a fixed sentence without anything from the proof."""

    error = "invalid_dpop_proof"


class NonceRequiredError(ProofRefusedError):
    """The proof must contain the nonce that is sent with this refusal."""

    error = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class DpopRequest:
    """DPoP input of one request: its method, its path as sent, and its `DPoP` headers."""

    method: str
    path: str
    proofs: tuple[str, ...]


def dpop_request(request: HTTPConnection) -> DpopRequest:
    """Read the DPoP input of a request."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return DpopRequest(request.scope["method"], raw.decode("latin-1"), tuple(request.headers.getlist("dpop")))


class DpopVerifier:
    """Verifies proofs for addresses under `issuer`, the public address of this gateway."""

    def __init__(self, database: Database, issuer: str, clock: Clock, nonces: DpopNonces) -> None:
        self._database = database
        self._issuer = issuer
        self._clock = clock
        self.nonces = nonces

    async def __call__(self, dpop: DpopRequest, access_token: str | None = None) -> str:
        """Return the thumbprint of the proven key, or raise `ProofRefusedError`.

        With `access_token`, the proof must have been made for it.
        """
        if len(dpop.proofs) != 1:
            raise ProofRefusedError("exactly one DPoP header is needed")
        try:
            proof = read_proof(dpop.proofs[0])
        except TokenRefusedError as refusal:
            raise ProofRefusedError(str(refusal)) from None
        claims = proof.claims
        if claims.get("htm") != dpop.method or not _is_same(claims.get("htu"), self._issuer + dpop.path):
            raise ProofRefusedError("the proof is for another method or address")
        if access_token is not None and claims.get("ath") != _hash(access_token):
            raise ProofRefusedError("the proof is for another access token")
        made_at, jti = self._check_freshness(claims)
        if not self.nonces.accept(claims.get("nonce")):
            raise NonceRequiredError("the proof needs the nonce given here")
        # Last, so that only a proof that passed every other check stores a row.
        async with self._database.session() as session:
            if not await is_first_use_async(session, _USE, proof.thumbprint, jti, made_at + _STORED_FOR):
                raise ProofRefusedError("the proof was used before")
        return proof.thumbprint

    def _check_freshness(self, claims: Mapping[str, Any]) -> tuple[datetime, str]:
        issued_at, jti, now = claims.get("iat"), claims.get("jti"), self._clock()
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_ID:
            raise ProofRefusedError("the proof has no usable jti")
        if isinstance(issued_at, bool) or not isinstance(issued_at, int):
            raise ProofRefusedError("the proof does not say when it was made")
        # Compare whole seconds: `issued_at` may be an integer of any size.
        if abs(int(now.timestamp()) - issued_at) > WINDOW.total_seconds():
            raise ProofRefusedError("the proof is too old or dated in the future")
        return datetime.fromtimestamp(issued_at, UTC), jti


def _hash(access_token: str) -> str:
    return urlsafe_b64encode(sha256(access_token.encode("ascii")).digest()).rstrip(b"=").decode()


def _is_same(claimed: object, ours: str) -> bool:
    """Whether `claimed` is our address, after the normalisations of RFC 3986 that keep the meaning."""
    return isinstance(claimed, str) and (normal := _normal(claimed)) is not None and normal == _normal(ours)


def _normal(address: str) -> tuple[str, str, int | None, str] | None:
    if not _ADDRESS.fullmatch(address) or {"?", "#", "@"} & set(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", port or _PORTS.get(parts.scheme), _ESCAPE.sub(_unescaped, parts.path)


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
