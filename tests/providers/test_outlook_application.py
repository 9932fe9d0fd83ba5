"""The application's own token, for mailboxes that an administrator opened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from calsync.errors import Setup
from tests.providers.signin_calls import (
    NOW,
    ONE,
    auth,
    forms,
    refused,
    signing_in,
    soon,
    tokens,
    told,
)


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with signing_in() as mocked:
        yield mocked


def test_one_application_token_serves_everybody_until_it_nearly_ends(
    mocked: responses.RequestsMock,
) -> None:
    now = [NOW]
    by = auth(ONE, clock=lambda: now[0])
    for number in (1, 2):
        mocked.post(tokens("tenant-1"), json={"access_token": f"app-{number}", "expires_in": 3600})
    got = [by.as_application(soon()).token, by.as_application(soon(), stale="older").token]
    now[0] += timedelta(minutes=56)
    got.append(by.as_application(soon()).token)
    assert got == ["app-1", "app-1", "app-2"]
    form = forms(mocked)[0]
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https://graph.microsoft.com/.default"


def test_an_application_token_that_was_refused_is_not_handed_out_again(
    mocked: responses.RequestsMock,
) -> None:
    by = auth(ONE)
    for number in (1, 2):
        mocked.post(tokens("tenant-1"), json={"access_token": f"app-{number}", "expires_in": 3600})
    first = by.as_application(soon()).token
    assert by.as_application(soon(), stale=first).token == "app-2"


def test_several_directories_have_no_application_token() -> None:
    error = refused(lambda: auth().as_application(soon()))
    assert told(error) == (Setup, "no", "tenant")
    assert "outlook.tenant" in error.reason


def pem(folder: Path) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calsync")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    file = folder / "outlook.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def test_a_certificate_signs_instead_of_the_secret(
    mocked: responses.RequestsMock, tmp_path: Path
) -> None:
    mocked.post(tokens("tenant-1"), json={"access_token": "app-1", "expires_in": 3600})
    settings = replace(ONE, client_secret="", certificate_file=str(pem(tmp_path)))
    assert auth(settings).as_application(soon()).token == "app-1"
    (form,) = forms(mocked)
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert len(form["client_assertion"].split(".")) == 3
    assert "client_secret" not in form


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nhush\n", "\udcff"])
def test_an_unusable_certificate_file_is_the_operators_fault_and_named(
    mocked: responses.RequestsMock, content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "outlook.pem"
    if content is not None:
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    error = refused(lambda: auth(replace(ONE, certificate_file=str(file))).as_application(soon()))
    assert told(error) == (Setup, "no", "tenant")
    assert "outlook.certificate_file" in error.reason
    assert str(file) not in error.reason


def test_a_broken_private_key_is_the_operators_fault_and_not_repeated(
    mocked: responses.RequestsMock, tmp_path: Path
) -> None:
    file = tmp_path / "outlook.pem"
    lines = ["BEGIN CERTIFICATE", "END CERTIFICATE", "BEGIN PRIVATE KEY", "END PRIVATE KEY"]
    file.write_text("\nhush\n".join(f"-----{line}-----" for line in lines))
    error = refused(lambda: auth(replace(ONE, certificate_file=str(file))).as_application(soon()))
    assert told(error) == (Setup, "no", "tenant")
    assert "hush" not in repr(error)


def test_a_probe_tells_when_the_applications_certificate_ends(tmp_path: Path) -> None:
    file = pem(tmp_path)
    signed = auth(replace(ONE, client_secret="", certificate_file=str(file)))
    assert signed.certificate_end() == datetime(2036, 1, 1, tzinfo=UTC)
    assert auth(ONE).certificate_end() is None
    file.write_text(
        file.read_text().replace("BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----\nx")
    )
    broken = auth(replace(ONE, certificate_file=str(file)))
    assert "no certificate that can be read" in refused(broken.certificate_end).reason
