"""What signing people in at external providers works with, and the sign-ins that are under way there."""

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

UNDERWAY: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_USE: Final = "broker-sign-in"
_SESSION_USE: Final = "issuer-session"


@dataclass(frozen=True, slots=True)
class Broker:
    """The providers by the name that they have here, and what is kept about sign-ins at them."""

    external: ExternalIssuers
    keys: OwnKeys
    subjects: ExternalSubjects
    proofs: OneTimeProofs
    database: Database
    sealer: Sealer
    clock: Clock

    @property
    def parties(self) -> Mapping[str, RelyingParty]:
        """We, at each provider."""
        return self.external.parties

    async def keep(self, name: str, browser: str, begun: PendingSignIn, content: Mapping[str, str]) -> None:
        """Keep what a sign-in needs once its browser is back, and what it was begun for."""
        async with self.database.session() as session:
            secret = _bound(name, browser, begun.state)
            self.proofs.add(session, _USE, secret, {**begun.kept, **content}, life=UNDERWAY)

    async def take(self, name: str, browser: str | None, state: str | None) -> Mapping[str, str] | None:
        """What was kept, once; None for another browser, another provider, a second time, or too late."""
        if browser is None or state is None:
            return None
        async with self.database.session() as session:
            return await self.proofs.consume(session, _USE, _bound(name, browser, state))

    def session_mark(self, issuer: str, session: str) -> str:
        """How a session at a provider is recognised again (`LoginSession.issuer_session`)."""
        return self.sealer.fingerprint(_SESSION_USE, f"{issuer}\n{session}")

    def mark_of(self, identity: AssertedIdentity) -> str | None:
        """The same, for the session in which somebody has just signed in."""
        return self.session_mark(identity.issuer, identity.session) if identity.session else None


def _bound(name: str, browser: str, state: str) -> str:
    return f"{name}\n{browser}\n{state}"
