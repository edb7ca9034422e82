"""A device that makes passkeys, in software: ES256, attestation `none`, as a browser would hand its answers on."""

import json
import secrets
import struct
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Device:
    """One key on one device. `verifies`: it makes sure of its owner."""

    def __init__(self, origin="http://localhost:8000", *, verifies=True):
        self.origin = origin
        self.host = origin.split("//")[1].split(":")[0]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.flags = PRESENT | (VERIFIED if verifies else 0)

    def create(self, options):
        """The answer to options for a new passkey."""
        x, y = self.key.public_key().public_numbers().x, self.key.public_key().public_numbers().y
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: x.to_bytes(32, "big"), -3: y.to_bytes(32, "big")})
        held = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(WITH_KEY) + held}
        said = self._said("webauthn.create", options)
        return self._answer(clientDataJSON=said, attestationObject=encode_cbor(attestation))

    def get(self, options, **changes):
        """The answer to options for recognising somebody; `changes` change what the browser says."""
        self.count += 1
        said, data = self._said("webauthn.get", options, **changes), self._data()
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)

    def _data(self, flags=0):
        return sha256(self.host.encode()).digest() + struct.pack(">BI", self.flags | flags, self.count)

    def _said(self, kind, options, **changes):
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, **changes}).encode()

    def _answer(self, **response):
        written = {name: bytes_to_base64url(value) for name, value in response.items()}
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": written})
