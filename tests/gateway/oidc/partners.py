"""Clients that prove themselves by a key of theirs, made by joserfc itself and not by our own signing."""

import json
import secrets
import warnings
from dataclasses import dataclass, field

from joserfc import jwk, jwt

from gateway.storage.tables.clients import ClientRow

ISSUER = "http://localhost:8000"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"content-type": "application/x-www-form-urlencoded"}
_KEYS = {"PS256": ("RSA", 2048), "RS256": ("RSA", 2048), "EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519")}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass
class Partner:
    """A confidential client with a key for `algorithm`."""

    client_id: str
    clock: object
    algorithm: str = "ES512"
    key: object = None
    kid: str = "partner-1"
    redirect_uri: str = "https://partner.example/callback"
    scopes: list = field(default_factory=lambda: ["client.read"])

    def __post_init__(self):
        family, size = _KEYS.get(self.algorithm, ("EC", _CURVES.get(self.algorithm, "P-256")))
        self.key = jwk.generate_key(family, size, {"kid": self.kid, "use": "sig"})

    @property
    def jwks(self):
        return {"keys": [json.loads(json.dumps(self.key.as_dict(private=False)))]}

    @property
    def told(self):
        """What a peer in another language must know to be this partner."""
        return {"id": self.client_id, "key": json.loads(json.dumps(self.key.as_dict(private=True)))}

    def claims(self, **changes):
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": at,
            "exp": at + 60,
            "jti": secrets.token_urlsafe(16),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def assertion(self, header=None, **changes):
        head = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        with warnings.catch_warnings(action="ignore"):
            return jwt.encode(head, self.claims(**changes), self.key, [head["alg"]])

    def proof(self, assertion=None, **changes):
        return {"client_assertion_type": TYPE, "client_assertion": assertion or self.assertion(**changes)}

    async def token(self, http, **form):
        form = {"grant_type": "client_credentials", **self.proof(), **form}
        return await http.post("/oauth2/token", data={name: value for name, value in form.items() if value is not None})

    def row(self, **changes):
        values = {
            "id": self.client_id,
            "auth_method": "private_key_jwt",
            "jwks": self.jwks,
            "native": False,
            "title_id": "Mitra",
            "title_en": "Partner",
            "sector": self.client_id,
            "agency": "dinas-kominfo",
            "redirect_uris": [self.redirect_uri],
            "scopes": self.scopes,
            "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
            "created_at": self.clock(),
            **changes,
        }
        return ClientRow(**values)


async def registered(house, client_id="partner", **changes):
    """A partner whose client stands in the house's database."""
    ours = {name: changes.pop(name) for name in ("algorithm", "scopes") if name in changes}
    partner = Partner(client_id, house.clock, **ours)
    async with house.database.session() as session:
        session.add(partner.row(**changes))
    return partner
