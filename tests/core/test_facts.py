"""Which lines of the journal the platform is told of, and as what."""

from __future__ import annotations

import pytest

from calsync.core.facts import MEANING, REASONS, Fact, FactKind, fact_of


@pytest.mark.parametrize(
    ("what", "detail", "fact"),
    [
        ("create_answered", {"channel": "google", "answer": "yes"}, (FactKind.DELIVERED, "google")),
        (
            "notice_answered",
            {"kind": "upcoming", "answer": "yes"},
            (FactKind.UPCOMING_MAILED, "mail"),
        ),
        ("change_answered", {"channel": "mail", "answer": "yes"}, (FactKind.DELIVERED, "mail")),
        ("withdraw_answered", {"channel": "mail", "answer": "yes"}, (FactKind.WITHDRAWN, "mail")),
        (
            "create_answered",
            {"channel": "mail", "answer": "refused (no, copy): 550 no"},
            (FactKind.NOT_DELIVERED, "mail", "refused"),
        ),
        (
            "create_answered",
            {"channel": "google", "answer": "setup (no, tenant): invalid_client"},
            (FactKind.NOT_DELIVERED, "google", "not_set_up"),
        ),
        ("copy_found", {"state": "live", "channel": "google"}, (FactKind.DELIVERED, "google")),
        ("copy_found", {"state": "gone", "channel": "google"}, (FactKind.WITHDRAWN, "google")),
        ("copy_found", {"state": "dismissed"}, (FactKind.EVENT_REMOVED,)),
        ("copy_found", {"state": "taken"}, (FactKind.EVENT_TAKEN,)),
        ("copy_dismissed", {}, (FactKind.EVENT_REMOVED,)),
        (
            "copy_dismissed",
            {"may_remain": True},
            (FactKind.EVENT_REMOVED, None, "may_be_elsewhere"),
        ),
        (
            "copy_found",
            {"state": "gone", "channel": "caldav", "may_remain": True},
            (FactKind.WITHDRAWN, "caldav", "may_be_elsewhere"),
        ),
        ("copy_taken", {}, (FactKind.EVENT_TAKEN,)),
        ("copy_drifted", {"material": True}, (FactKind.EVENT_MOVED,)),
        (
            "copy_drifted",
            {"material": True, "policy": "report", "old": ["a", "b"], "new": ["c", "d"]},
            (FactKind.EVENT_MOVED, None, None, None, None, "report", ["a", "b"], ["c", "d"]),
        ),
        ("copy_drifted", {"material": False}, (FactKind.EVENT_EDITED,)),
        ("mail_limit_reached", {"most": 6}, (FactKind.NOT_DELIVERED, "mail", "mail_limit")),
        (
            "notice_answered",
            {"kind": "unreachable", "answer": "yes"},
            (FactKind.NOT_DELIVERED, "mail", "unreachable"),
        ),
        ("account_connected", {"account": "a"}, (FactKind.ACCOUNT_CONNECTED,)),
        ("account_reconnect", {"account": "a"}, (FactKind.ACCOUNT_LOST,)),
        ("account_unusable", {"account": "a"}, (FactKind.ACCOUNT_UNUSABLE,)),
        ("account_active", {"account": "a"}, (FactKind.ACCOUNT_RECOVERED,)),
        ("account_free_busy_only", {"account": "a"}, (FactKind.ACCOUNT_LIMITED,)),
        ("account_disconnected", {"account": "a"}, (FactKind.ACCOUNT_DISCONNECTED,)),
        (
            "account_disconnected",
            {"reason": "disconnected by the person"},
            (FactKind.ACCOUNT_DISCONNECTED, None, "by_person"),
        ),
        (
            "account_disconnected",
            {"reason": "disconnected by ops"},
            (FactKind.ACCOUNT_DISCONNECTED, None, "by_ops"),
        ),
        (
            "account_disconnected",
            {"reason": "google.domains does not list it any more"},
            (FactKind.ACCOUNT_DISCONNECTED, None, "by_domain"),
        ),
        (
            "account_disconnected",
            {"reason": "PLANTED"},
            (FactKind.ACCOUNT_DISCONNECTED,),
        ),
    ],
)
def test_what_concerns_the_platform_is_a_fact(
    what: str, detail: dict[str, object], fact: tuple[object, ...]
) -> None:
    assert fact_of(what, detail) == Fact(*fact)  # type: ignore[arg-type]


def test_a_refused_record_is_told_with_its_field_and_without_its_words() -> None:
    detail = {"field": "starts_at", "reason": "PLANTED"}
    assert fact_of("update_refused", detail) == Fact(FactKind.SESSION_REFUSED, field="starts_at")


@pytest.mark.parametrize(
    ("what", "detail"),
    [
        ("create_answered", {"answer": "yes, but not as sent"}),
        ("create_answered", {"answer": "try_later (maybe, account): 503"}),
        ("create_answered", {"answer": "access_lost (no, account): invalid_grant"}),
        ("create_answered", {"answer": "missing (no, copy): 404"}),
        ("copy_found", {"state": "unsure"}),
        ("notice_answered", {"kind": "account_lost", "answer": "yes"}),
        ("notice_answered", {"kind": "unreachable", "answer": "try_later: 421"}),
        ("paused", {}),
        ("wanted", {}),
    ],
)
def test_what_is_tried_again_or_is_for_ops_is_none(what: str, detail: dict[str, object]) -> None:
    assert fact_of(what, detail) is None


def test_every_kind_and_reason_has_a_sentence() -> None:
    assert set(MEANING) == set(FactKind)
    assert all(text.endswith(".") for text in [*MEANING.values(), *REASONS.values()])


def test_a_person_who_is_set_aside_is_told_with_the_field_and_what_to_write() -> None:
    detail = {"field": "participants[0].email", "reason": "cannot be used; write one address"}
    assert fact_of("participant_set_aside", detail) == Fact(
        FactKind.PARTICIPANT_SET_ASIDE,
        field="participants[0].email",
        advice="cannot be used; write one address",
    )


def test_a_record_that_went_back_is_told_like_a_refused_one() -> None:
    fact = Fact(FactKind.SESSION_REFUSED, field="updated_at")
    assert fact_of("record_went_back", {"source": "platform"}) == fact
