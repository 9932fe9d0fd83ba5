"""`calsync doctor google|outlook --live` writes one event, finds out what its provider does, and
leaves nothing behind. The sandbox's switches are the questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.store.findings import proofs
from tests.cli.test_doctor import by_check
from tests.harness.installation import MAYA, Installation, installed

DIFFERS = "by the documentation"
ASKED_GOOGLE = ("description", "tombstone_details", "patch_tombstone", "insert_over_tombstone")
ASKED_OUTLOOK = ("if_match", "deleted_by_id", "transaction_after_delete")


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def proven(calsync: Installation) -> dict[str, str]:
    with calsync.open().context.store.read() as db:
        return {question: answer for (_, _, question), answer in proofs.proven(db).items()}


def lived(calsync: Installation, provider: str) -> dict[str, tuple[str, str]]:
    account = calsync.connect(provider)
    found = by_check(calsync.json("doctor", provider, "--live", account))
    calsync.close()  # what is proven is used from the next start on
    assert calsync.shown() == []
    return found


@pytest.mark.parametrize(
    "does",
    [
        ("as_sent", "keep", "kept", "conflict"),
        ("reformatted", "bare", "forbidden", "revived"),
        ("as_sent", "keep", "gone", "conflict"),
        ("as_sent", "keep", "revived", "revived"),
    ],
)
def test_what_google_does_is_found_out_and_nothing_is_left(
    calsync: Installation, does: tuple[str, ...]
) -> None:
    assert answered(calsync, "google", dict(zip(ASKED_GOOGLE, does, strict=True)))


@pytest.mark.parametrize(
    "does",
    [
        ("honoured", "found", "new"),
        ("ignored", "missing", "answered"),
        ("honoured", "found", "conflict"),
    ],
)
def test_what_outlook_does_is_found_out_and_nothing_is_left(
    calsync: Installation, does: tuple[str, ...]
) -> None:
    assert answered(calsync, "outlook", dict(zip(ASKED_OUTLOOK, does, strict=True)))


def answered(calsync: Installation, provider: str, does: dict[str, str]) -> bool:
    """What the provider does is stored, and nothing but the open questions differs."""
    for switch, value in does.items():
        calsync.sandbox.switch(switch, value)
    found = lived(calsync, provider)
    stored = proven(calsync)
    assert {name: stored[name] for name in does} == does
    assert {verdict for verdict, _ in found.values()} == {"ok"}
    assert calsync.sandbox.mails(MAYA) == []
    return True


@pytest.mark.parametrize(("compared", "requests"), [("honoured", 1), ("ignored", 2)])
def test_a_revision_that_outlook_compares_saves_the_look_before_a_change(
    calsync: Installation, compared: str, requests: int
) -> None:
    with calsync.open().context.store.write() as db:
        proofs.remember(db, "default", "outlook", {"if_match": compared})
    calsync.close()
    calsync.connect("outlook")
    calsync.book()
    calsync.sync()
    calsync.sandbox.forget_requests()
    calsync.book(title="Another title")
    calsync.sync()
    assert len(calsync.sandbox.requests()) == requests
    assert calsync.shown() == [("outlook", "Another title")]


def test_an_account_that_is_none_or_not_the_providers_is_refused(calsync: Installation) -> None:
    account = calsync.connect("google")
    calsync.close()
    for provider, named in (("outlook", account), ("google", "nobody@x.example")):
        said = calsync.run("doctor", provider, "--live", named, code=2).err
        assert f"names no working {provider} account" in " ".join(said.split())


def test_a_test_that_ends_early_takes_its_event_away_again(calsync: Installation) -> None:
    account = calsync.connect("google")
    calsync.close()
    calsync.sandbox.fail({"method": "PATCH"}, status=503, times=1)
    found = by_check(calsync.json("doctor", "google", "--live", MAYA, code=1))
    ((verdict, text),) = found.values()
    assert (verdict, text.startswith("the test ended early: 503")) == ("error", True)
    assert account in next(iter(found))
    assert calsync.shown() == []
    assert proven(calsync) == {}
