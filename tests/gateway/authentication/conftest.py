"""A small world of one trusted issuer and one account, without the provider."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from gateway.authentication.access_tokens import TokenVerifier, TrustedIssuer
from gateway.authentication.bearer import Authenticator
from gateway.authentication.dpop import DpopVerifier
from gateway.authentication.dpop_nonces import DpopNonces
from gateway.authentication.jose import PrivateKey
from gateway.authentication.principals import NIK_SEAL, PrincipalResolver
from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from tests.databases import open_database

ISSUER = "http://localhost:8000"
AUDIENCE = f"{ISSUER}/v1"
NIK = "6371994502900011"
HOLD = timedelta(seconds=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)

    def __call__(self):
        return self.at

    def forward(self, **span):
        self.at += timedelta(**span)


class Keys:
    """A key source that counts how often it is asked."""

    def __init__(self, *keys):
        self.keys = {key.kid: key.public() for key in keys}
        self.asked = []

    async def find(self, kid):
        self.asked.append(kid)
        return self.keys.get(kid)


@dataclass
class World:
    clock: Clock
    key: PrivateKey
    keys: Keys
    database: Database
    sealer: Sealer
    authenticate: Authenticator | None = None

    def claims(self, **changes):
        at = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "pairwise-subject",
            "client_id": "app",
            "scope": "openid profile.read residents.lookup",
            "iat": at,
            "exp": at + 600,
            "auth_time": at,
            "acr": "1",
            "jti": "token-1",
            "grant": "grant-1",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, typ="at+jwt", **changes):
        return (key or self.key).sign(typ, self.claims(**changes))

    def trusting(self, issuers, *, nonces=False):
        """A gateway process that trusts these issuers, and holds no token yet."""
        proofs = DpopVerifier(self.database, ISSUER, self.clock, DpopNonces(self.sealer, self.clock, required=nonces))
        people = PrincipalResolver(self.database, self.sealer)
        return Authenticator(TokenVerifier(issuers, self.clock), people, proofs, self.clock, hold=HOLD)

    async def call(self, token):
        return await self.authenticate(f"Bearer {token}")


@pytest.fixture
async def world(tmp_path, anyio_backend):
    clock, key = Clock(), PrivateKey.generate()
    keys, sealer = Keys(key), Sealer(b"\1" * 32)
    database = open_database(f"sqlite:///{tmp_path / 'sso.db'}")
    at = clock()
    async with database.session() as session:
        session.add(
            AccountRow(
                id="account-1",
                username="somebody",
                password_hash="-",
                display_name="Somebody",
                nik_sealed=sealer.seal(NIK_SEAL, NIK.encode()),
                roles=["resident"],
                agency="agency",
                region="63.71.01.1001",
                locale="id",
                created_at=at,
            )
        )
        session.add(
            ClientRow(
                id="app",
                auth_method="none",
                native=True,
                title_id="-",
                title_en="-",
                sector="app",
                redirect_uris=[],
                scopes=[],
                grant_types=[],
                created_at=at,
            )
        )
        await session.flush()
        session.add(
            SubjectLinkRow(issuer=ISSUER, sub="pairwise-subject", sector="app", account_id="account-1", created_at=at)
        )
        session.add(
            GrantRow(
                id="grant-1", account_id="account-1", client_id="app", scopes=[], acr=1, auth_time=at, created_at=at
            )
        )
    made = World(clock, key, keys, database, sealer)
    made.authenticate = made.trusting([TrustedIssuer(ISSUER, AUDIENCE, keys, own=True)])
    yield made
    await database.aclose()
