"""A browser with a passkey in it: ES256, no attestation (Web Authentication, level 2, sections 6.1 and 5.8.1)."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """Answers the JSON of `navigator.credentials` as the browser at `origin` would, whatever site asks."""

    origin: str
    rp_id: str
    flags: int = PRESENT | VERIFIED
    count: int = 1
    steps: int = 1
    algorithm: int = -7
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """The answer to `creation_options`."""
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + self._credential()}
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", options), attestationObject=cbor2.dumps(statement)
        )

    def get(self, options: str) -> str:
        """The answer to `request_options`."""
        self.count += self.steps
        data, client_data = self._data(), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def _data(self, flags: int = 0) -> bytes:
        site = hashlib.sha256(self.rp_id.encode()).digest()
        return site + bytes([self.flags | flags]) + self.count.to_bytes(4)

    def _credential(self) -> bytes:
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: self.algorithm, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(public)

    def _client_data(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        id = encode(self.credential_id)
        parts = {name: encode(value) for name, value in response.items()}
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": parts})


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
