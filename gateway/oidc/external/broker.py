"""The broker: dependencies of sign-in at external providers, and storage of the sign-ins under way there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.identity.subjects import ExternalSubjects
from gateway.oidc.external.issuers import ExternalIssuers
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.external.relying_party import PendingSignIn, RelyingParty
from gateway.storage.engine import Database

SIGN_IN_LIFE: Final = timedelta(minutes=10)
"""How long a person may take at the provider."""

_USE: Final = "broker-sign-in"
_SESSION_USE: Final = "issuer-session"


@dataclass(frozen=True, slots=True)
class Broker:
    """The external providers by their names here, and the stored sign-ins under way at them."""

    external: ExternalIssuers
    keys: OwnKeys
    subjects: ExternalSubjects
    proofs: OneTimeProofs
    database: Database
    sealer: Sealer
    clock: Clock

    @property
    def parties(self) -> Mapping[str, RelyingParty]:
        """The relying party for each provider, by name."""
        return self.external.parties

    async def store(self, name: str, browser: str, pending: PendingSignIn, content: Mapping[str, str]) -> None:
        """Store the secrets of a sign-in and its context until the browser returns."""
        async with self.database.session() as session:
            secret = _proof_secret(name, browser, pending.state)
            self.proofs.add(session, _USE, secret, {**pending.secrets, **content}, life=SIGN_IN_LIFE)

    async def consume(self, name: str, browser: str | None, state: str | None) -> Mapping[str, str] | None:
        """Return the stored values, once; None for another browser or provider, at a second use, or when expired."""
        if browser is None or state is None:
            return None
        async with self.database.session() as session:
            return await self.proofs.consume(session, _USE, _proof_secret(name, browser, state))

    def session_fingerprint(self, issuer: str, session: str) -> str:
        """Return the fingerprint of a session at a provider (`LoginSessionRow.issuer_session`)."""
        return self.sealer.fingerprint(_SESSION_USE, f"{issuer}\n{session}")

    def identity_fingerprint(self, identity: AssertedIdentity) -> str | None:
        """Return the fingerprint of the session in which the person has just signed in."""
        return self.session_fingerprint(identity.issuer, identity.session) if identity.session else None


def _proof_secret(name: str, browser: str, state: str) -> str:
    return f"{name}\n{browser}\n{state}"
