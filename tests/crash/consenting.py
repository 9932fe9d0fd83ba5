"""Situations of consents: away at a sign-in, or to be confirmed after it."""

from __future__ import annotations

from calsync.accounts import connect
from calsync.core.account import AccountState
from tests.crash.scenarios import Scenario, lena_is_connected
from tests.crash.stage import LENA, SAM, Stage

PRIVATE = "lena.private@gmail.example"


def lena_will_consent(stage: Stage) -> str:
    """Lena is invited by mail, and can sign in at two accounts."""
    stage.configure(web='public_url = "http://127.0.0.1:9"')
    stage.sandbox.add_person(PRIVATE, google=True)
    stage.book("ses-1", LENA, SAM)
    stage.sync()
    return LENA


def with_another_account(stage: Stage) -> str:
    lena_will_consent(stage)
    return PRIVATE


def connected_once(stage: Stage) -> None:
    lena_is_connected(stage)
    assert accounts(stage) == [(LENA, AccountState.ACTIVE)]


def shown_in_the_other_account(stage: Stage) -> None:
    stage.once(PRIVATE, SAM)
    assert stage.ours(PRIVATE) == [True]
    assert stage.shown(LENA) == []
    assert accounts(stage) == [(PRIVATE, AccountState.ACTIVE)]


def still_mailed(stage: Stage) -> None:
    stage.once(LENA, SAM)
    assert stage.ours(LENA) == [False]
    assert accounts(stage) == []


def accounts(stage: Stage) -> list[tuple[str, str]]:
    with stage.in_process() as made:
        found = connect.listed(made.context, "default")
    return [(one.address, one.state) for one in found if one.email == LENA]


OUT_AND_BACK = ("consent_begin", "consent_ask", "consent_spend", "consent_redeem", "consent_store")
CONFIRMING = ("consent_hold", "consent_confirm")

CONSENTING = (
    Scenario(OUT_AND_BACK, lena_will_consent, connected_once, "consent", "consent_store"),
    Scenario(
        CONFIRMING, with_another_account, shown_in_the_other_account, "consent", "consent_confirm"
    ),
    Scenario(("consent_decline",), with_another_account, still_mailed, "decline"),
)
