"""What is told of an installation: one finding for each thing that is not as it should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import (
    AccountCount,
    ActivePause,
    DeliveryCounts,
    ExposedFiles,
    FailingChannel,
    HeldBatch,
    InstallationStatus,
    LateDelivery,
    ParkedDelivery,
    SourceStatus,
    ToldPerson,
    UnexpectedFailure,
)
from calsync.ops.verdict import Liveness, findings

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
NOTHING = DeliveryCounts(0, 0, 0, 0, None, 0, 0, None, None)
CALM = InstallationStatus(
    now=NOW,
    heartbeat=NOW,
    deliveries=NOTHING,
    copies=[],
    sources=[SourceStatus("platform", NOW, None, None, NOW, 0)],
    held=[],
    stopped=[],
    accounts=[AccountCount("google", "active", 7)],
    parked=[],
    stale=[],
    set_aside=[],
    told=[],
    warnings=[],
    went_back=[],
    alerts=[],
)
WELL = Liveness(daemon_alive=True, overdue_since=None)


def ago(**by: float) -> datetime:
    return NOW - timedelta(**by)


def only(status: InstallationStatus = CALM, liveness: Liveness = WELL) -> Finding:
    (found,) = findings(status, liveness)
    return found


def parked(reason: str, number: int = 1) -> ParkedDelivery:
    return ParkedDelivery(f"ses-{number}", f"p{number}@x.org", reason, "550 no", NOW)


def stopped(by: str, channel: str = "mail", tenant: str = "*", why: str = "") -> ActivePause:
    return ActivePause(tenant, channel, by, why, ago(hours=2), None)


@pytest.mark.parametrize(
    ("count", "session", "begins", "whom", "command"),
    [
        (1, "", "1 unexpected failure was caught", "everybody", "calsync status"),
        (3, "ses-1", "3 unexpected failures were caught", "session ses-1", "calsync explain ses-1"),
    ],
)
def test_what_nobody_foresaw_is_told_with_its_place_in_the_code(
    count: int, session: str, begins: str, whom: str, command: str
) -> None:
    place = ("call", "OverflowError", "calsync.core.schedule.at_least", 17)
    one = UnexpectedFailure(*place, count, ago(hours=5), ago(hours=2), "default", session, "u-1")
    found = only(replace(CALM, unexpected=[one]))
    assert (found.severity, found.since) == (Severity.WARNING, ago(hours=5))
    assert (found.whom, found.command) == (whom, command)
    assert found.text == (
        f"{begins} (call): OverflowError in calsync.core.schedule.at_least, line 17, last at "
        "2026-12-03T10:00:00Z; the rest of the work went on; please report this line"
    )


def test_nothing_is_told_while_all_is_well() -> None:
    assert findings(CALM, WELL) == []


def test_secrets_that_every_user_can_read_are_told_with_how_to_hide_them() -> None:
    (found,) = findings(CALM, WELL, ExposedFiles("/etc/my calsync.toml"))
    assert found.severity is Severity.WARNING
    assert found.command == "chmod o= '/etc/my calsync.toml'"


def test_a_ledger_that_every_user_can_read_is_told_with_the_command_that_ends_it() -> None:
    (found,) = findings(CALM, WELL, ExposedFiles(ledger="/data/calsync.db"))
    assert found.severity is Severity.WARNING
    assert "can read the ledger in /data/calsync.db" in found.text
    assert found.command == "calsync db upgrade"


def test_without_a_daemon_there_is_an_error_with_how_to_start_one() -> None:
    silent = replace(CALM, heartbeat=ago(minutes=5))
    found = only(silent, replace(WELL, daemon_alive=False))
    assert found == Finding(
        Severity.ERROR,
        "no daemon has been running since 2026-12-03T11:55:00Z",
        ago(minutes=5),
        "everybody",
        "calsync run",
        "no_daemon",
    )
    never = only(replace(CALM, heartbeat=None), replace(WELL, daemon_alive=False))
    assert (never.text, never.since) == ("no daemon has run yet", None)


def test_deliveries_are_overdue_after_a_quarter_of_an_hour() -> None:
    assert findings(CALM, Liveness(daemon_alive=True, overdue_since=ago(minutes=15))) == []
    found = only(CALM, Liveness(daemon_alive=True, overdue_since=ago(minutes=16)))
    assert found.severity is Severity.ERROR
    assert found.text == "deliveries have been overdue since 2026-12-03T11:44:00Z"


def test_a_held_batch_comes_with_the_command_that_approves_it() -> None:
    batch = HeldBatch(3, "acme", "platform", NOW, {"move": 2, "withdraw": 1}, "abc", ["ses-1"])
    found = only(replace(CALM, held=[batch]))
    assert (found.severity, found.whom) == (Severity.WARNING, "tenant acme")
    assert found.text == "batch 3 of platform is held: move 2, withdraw 1"
    assert found.command == "calsync approve 3 --digest abc"


@pytest.mark.parametrize(
    ("pause", "severity", "text", "whom", "command"),
    [
        (
            stopped("ops"),
            Severity.WARNING,
            "mail has been paused since 2026-12-03T10:00:00Z by an operator",
            "everybody",
            "calsync resume --channel mail",
        ),
        (
            stopped("setup", "*", "acme", "invalid_client"),
            Severity.ERROR,
            "everything has been paused since 2026-12-03T10:00:00Z because its configuration does "
            "not work: invalid_client",
            "tenant acme",
            "calsync resume --tenant acme",
        ),
        (
            stopped("incident", "google", "acme", "many accounts lost"),
            Severity.ERROR,
            "google has been paused since 2026-12-03T10:00:00Z because of an incident: "
            "many accounts lost",
            "tenant acme",
            "calsync resume --tenant acme --channel google",
        ),
    ],
)
def test_a_pause_says_by_whom_and_how_it_ends(
    pause: ActivePause, severity: Severity, text: str, whom: str, command: str
) -> None:
    found = only(replace(CALM, stopped=[pause]))
    assert found == Finding(severity, text, ago(hours=2), whom, command, "pause")


@pytest.mark.parametrize(
    ("by", "hours", "severity"),
    [
        ("ops", 1, Severity.NOTICE),
        ("ops", 1.1, Severity.WARNING),
        ("provider", 0.1, Severity.NOTICE),
        ("setup", 0.1, Severity.ERROR),
        ("copy", 0.1, Severity.WARNING),
        ("repaired", 0.1, Severity.WARNING),
    ],
)
def test_a_pause_that_may_be_forgotten_is_a_warning_and_a_fault_is_an_error(
    by: str, hours: float, severity: Severity
) -> None:
    pause = ActivePause("*", "*", by, "why", ago(hours=hours), None)
    assert only(replace(CALM, stopped=[pause])).severity is severity


def test_a_mail_server_that_takes_no_mail_is_an_error_at_once() -> None:
    one = FailingChannel("acme", "mail", 1, True, ago(minutes=1), "try_later: connection refused")
    found = only(replace(CALM, failing=[one]))
    assert (found.severity, found.whom, found.kind) == (
        Severity.ERROR,
        "tenant acme",
        "failing_channel",
    )
    assert found.text == (
        "the mail server has accepted no mail since 2026-12-03T11:59:00Z: try_later: connection "
        "refused; calsync tries again by itself, at once when it is resumed"
    )
    assert found.command == "calsync resume --tenant acme --channel mail"


@pytest.mark.parametrize(
    ("accounts", "minutes", "severity"),
    [
        (1, 60, Severity.NOTICE),
        (2, 61, Severity.WARNING),
        (3, 1, Severity.ERROR),
    ],
)
def test_calls_that_fail_for_several_accounts_are_their_providers_fault(
    accounts: int, minutes: int, severity: Severity
) -> None:
    one = FailingChannel("acme", "google", accounts, False, ago(minutes=minutes), None)
    found = only(replace(CALM, failing=[one]))
    assert found.severity is severity
    assert found.text.startswith(f"calls to Google Calendar have failed for {accounts} account")
    mail = only(replace(CALM, failing=[replace(one, channel="mail")]))
    assert mail.text.startswith("the mail server has deferred mails since ")


def test_a_break_of_the_mail_server_is_told_once() -> None:
    asked = ActivePause("acme", "mail", "provider", "connect: refused", NOW, NOW)
    fails = FailingChannel("acme", "mail", 1, True, NOW, "connect: refused")
    found = only(replace(CALM, stopped=[asked], failing=[fails]))
    assert found.kind == "failing_channel"


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ("sent", "a plain mail told the people of it"),
        ("unsure", "a plain mail to the people is on its way"),
        ("refused", "the plain mail about it could not be sent either: tell the people in another"),
        ("dropped", "the plain mail about it could not be sent either: tell the people in another"),
    ],
)
def test_what_stands_wrong_is_told_with_what_became_of_the_mail(mail: str, words: str) -> None:
    told = ToldPerson("ses-1", "p1@x.org", "could_not_update", NOW, mail)
    found = only(replace(CALM, told=[told]))
    assert found.text.startswith(f"1 entry shows an old version; {words}")


def test_what_fails_for_sessions_of_the_next_day_is_told_with_the_nearest() -> None:
    first = LateDelivery("ses-1", "p1@x.org", "mail", "try_later: 451", ago(hours=-3))
    second = replace(first, session="ses-2", person="p2@x.org")
    found = only(replace(CALM, late=[first, second]))
    assert (found.severity, found.whom) == (Severity.WARNING, "2 people")
    assert found.text == (
        "2 deliveries of sessions that start within 24 hours failed and are tried again, the first "
        "for ses-1 at 2026-12-03T15:00:00Z: try_later: 451"
    )
    assert found.command == "calsync explain ses-1 --person p1@x.org"


def test_accounts_that_need_their_people_are_noticed() -> None:
    accounts = [AccountCount("google", "reconnect", 2), AccountCount("caldav", "unusable", 1)]
    told = [
        (one.severity, one.text, one.whom)
        for one in findings(replace(CALM, accounts=accounts), WELL)
    ]
    assert told == [
        (Severity.NOTICE, "2 google accounts have to be connected again", "2 people"),
        (
            Severity.NOTICE,
            "1 caldav account cannot be written; it is tried again daily",
            "1 person",
        ),
    ]


def test_the_worst_comes_first() -> None:
    status = replace(
        CALM,
        stopped=[stopped("ops")],
        sources=[SourceStatus("platform", ago(days=1), ago(hours=1), "no such file", None, 0)],
    )
    found = findings(status, replace(WELL, daemon_alive=False))
    assert [one.severity for one in found] == [Severity.ERROR, Severity.ERROR, Severity.WARNING]
    assert [one.advice for one in found if one.severity is Severity.ERROR] == [
        "no daemon has been running since 2026-12-03T12:00:00Z; run `calsync run`",
        "source platform has been unreadable since 2026-12-03T11:00:00Z: no such file; "
        "run `calsync sync --source platform`",
    ]


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (["unreachable"], "1 session is shown nowhere; a plain mail told the people of it"),
        (
            ["could_not_update"] * 2,
            "2 entries show an old version; a plain mail told the people of it",
        ),
        (
            ["could_not_remove"] * 20,
            "at least 20 entries could not be removed; a plain mail told the people of it",
        ),
        (
            ["entry_may_remain"],
            "1 outdated entry stands where calsync cannot write; "
            "a plain mail told the people of it",
        ),
    ],
)
def test_what_people_were_told_of_is_a_warning_until_it_is_corrected(
    kinds: list[str], text: str
) -> None:
    told = [ToldPerson(f"ses-{n}", "p1@x.org", kind, NOW) for n, kind in enumerate(kinds)]
    found = only(replace(CALM, told=told))
    assert (found.severity, found.text, found.whom) == (Severity.WARNING, text, "p1@x.org")
    assert found.command == "calsync explain ses-0 --person p1@x.org"


def test_several_people_who_were_told_are_counted() -> None:
    told = [ToldPerson("ses-1", f"p{n}@x.org", "unreachable", NOW) for n in range(3)]
    assert only(replace(CALM, told=told)).whom == "3 people"
