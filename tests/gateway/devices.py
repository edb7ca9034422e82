"""A device that holds a key and proves it (RFC 9449); what it says in its proofs can be bent."""

import base64
import json
import secrets
from hashlib import sha256

from joserfc import jwk, jws

KINDS = {
    "ES256": lambda: jwk.ECKey.generate_key("P-256"),
    "ES384": lambda: jwk.ECKey.generate_key("P-384"),
    "ES512": lambda: jwk.ECKey.generate_key("P-521"),
    "PS256": lambda: jwk.RSAKey.generate_key(2048),
    "RS256": lambda: jwk.RSAKey.generate_key(2048),
    "Ed25519": lambda: jwk.OKPKey.generate_key("Ed25519"),
    "HS256": lambda: jwk.OctKey.generate_key(256),
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """One key pair, and the clock by which its proofs are dated."""

    def __init__(self, clock, alg="ES256"):
        self.clock = clock
        self.alg = alg
        self.key = KINDS[alg]()

    @property
    def thumbprint(self):
        return self.key.thumbprint()

    def header(self, **changes):
        jwk_ = self.key.as_dict(private=False) if self.alg != "HS256" else self.key.as_dict()
        return given({"typ": "dpop+jwt", "alg": self.alg, "jwk": jwk_, **changes})

    def claims(self, method, address, token=None, **changes):
        ath = b64(sha256(token.encode()).digest()) if token else None
        at = int(self.clock().timestamp())
        return given(
            {"jti": secrets.token_urlsafe(12), "htm": method, "htu": address, "iat": at, "ath": ath, **changes}
        )

    def sign(self, header, claims):
        # Signed in two steps, so that a header may say what no library would sign.
        signing = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        model = jws.JWSRegistry.algorithms[self.alg]
        return f"{signing}.{b64(model.sign(signing.encode(), self.key))}"

    def proof(self, method, address, token=None, *, header=None, **changes):
        return self.sign(self.header(**(header or {})), self.claims(method, address, token, **changes))

    def headers(self, method, address, token=None, **changes):
        """The headers of a request that presents `token` with a proof."""
        shown = {"authorization": f"DPoP {token}"} if token else {}
        return {**shown, "dpop": self.proof(method, address, token, **changes)}


def given(members):
    return {name: value for name, value in members.items() if value is not None}
