"""An application's certificate, and the assertions that it signs (RFC 7523)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def made(cls, now: datetime) -> Self:
        """A new one, valid for a year."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    def to_json(self) -> dict[str, str]:
        """Both as PEM text."""
        encoding = serialization.Encoding.PEM
        private = self.key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = self.certificate.public_bytes(encoding)
        return {"private_key": private.decode(), "public_certificate": public.decode()}

    def opened(self, assertion: str) -> dict[str, Any] | None:
        """The claims of a JWT that this certificate signed and names; None for any other."""
        try:
            head, body, signature = assertion.split(".")
            header = json.loads(decode(head))
            if not self._is_named(header):
                return None
            public, signed = self.key.public_key(), f"{head}.{body}".encode()
            if header["alg"] == "PS256":
                salted = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
                public.verify(decode(signature), signed, salted, hashes.SHA256())
            elif header["alg"] == "RS256":
                public.verify(decode(signature), signed, padding.PKCS1v15(), hashes.SHA256())
            else:
                return None
            claims = json.loads(decode(body))
        except (ValueError, KeyError, TypeError, InvalidSignature):
            return None
        return claims if isinstance(claims, dict) else None

    def _is_named(self, header: dict[str, Any]) -> bool:
        """By thumbprint: SHA-256, or the older SHA-1."""
        content = self.certificate.public_bytes(serialization.Encoding.DER)
        sha1 = hashlib.sha1(content, usedforsecurity=False).digest()
        prints = {"x5t#S256": hashlib.sha256(content).digest(), "x5t": sha1}
        named = [decode(header[one]) == two for one, two in prints.items() if one in header]
        return bool(named) and all(named)


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
