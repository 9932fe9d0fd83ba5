"""Commands that make something happen: sync, resync, resend, accounts, baseline, pause, forget."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from tests.account_mails import of_sessions
from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.cli.test_questions import assert_fits
from tests.ports import free_port


def test_sync_delivers_and_a_second_one_has_nothing_to_do(rig: Rig) -> None:
    rig.connect()
    rig.book("ses-1", MAYA, SAM)
    done = rig.json("sync")
    assert done["sources"][0]["seen"] == 1
    assert (done["yes"], done["refused"], done["setup"], done["held"]) == (2, 0, 0, [])
    assert len(rig.times(MAYA)) == len(rig.times(SAM)) == 1
    text = rig.run("sync").out
    assert "0 deliveries processed: 0 succeeded" in text
    assert_fits(text)
    assert len(rig.sandbox.mails(SAM)) == 1


def test_sync_lets_mailed_updates_settle_unless_told_now(synced: Rig) -> None:
    synced.move("ses-1", hours=2)
    waits = synced.run("sync").out
    assert "1 delivery is waiting; the next is due at" in waits
    assert [mail.method for mail in synced.sandbox.mails(SAM)] == ["REQUEST"]
    assert synced.json("sync", "--now")["left"]["waiting"] == 0
    first, second = (mail.sequence for mail in synced.sandbox.mails(SAM))
    assert first < second
    assert synced.times(SAM)[0] in synced.times(MAYA)


def test_sync_tells_what_succeeded_and_what_will_be_retried(synced: Rig) -> None:
    synced.book("ses-3", MAYA, SAM)
    synced.sandbox.fail({"method": "POST", "path_contains": "/events"}, status=503, times=None)
    text = synced.run("sync").out
    assert "2 deliveries processed: 1 succeeded, 1 will be retried" in text
    assert "1 delivery is waiting; the next is due at" in text
    assert_fits(text)


def test_sync_fails_while_the_mail_server_takes_no_mail_and_says_so(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    working = rig.config.read_text(encoding="utf-8")
    gone = re.sub(r"(\[mail\][^\[]*?\nport = )\d+", rf"\g<1>{free_port()}", working)
    assert gone != working
    rig.config.write_text(gone, encoding="utf-8")
    done = rig.run("sync", code=1)
    assert "error: the mail server has accepted no mail since " in done.out
    assert_fits(done.out)
    (found,) = [one for one in rig.json("sync", code=1)["findings"] if one["severity"] == "error"]
    assert (found["kind"], found["whom"]) == ("failing_channel", "tenant default")

    rig.config.write_text(working, encoding="utf-8")
    rig.run(*found["command"].split()[1:])
    assert rig.json("resync", "ses-1")["yes"] == 1
    assert "failing_channel" not in [one["kind"] for one in rig.json("sync")["findings"]]


def test_sync_fails_while_a_channel_is_stopped_by_its_configuration(rig: Rig) -> None:
    rig.connect()
    posts = {"method": "POST", "path_contains": "/events"}
    rig.sandbox.fail(posts, status=403, reason="accessNotConfigured", times=None)
    rig.book("ses-1", MAYA)
    rig.run("sync", code=1)
    later = rig.run("sync", code=1).out
    assert "0 deliveries processed" in later, "nothing is tried, and it is not all well"
    assert "calsync resume --tenant default --channel google" in later
    rig.run("pause", "--reason", "maintenance")
    rig.run("resume", "--channel", "google")
    assert "error" not in rig.run("sync").out, "a pause on purpose is none"


def test_sync_fails_after_a_refused_call_and_resync_tries_it_again(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.7.1 not here", person=SAM)
    assert rig.json("sync", code=1)["refused"] == 1
    assert rig.json("sync")["left"]["parked"] == 1, "what is parked is not refused again"
    status = rig.json("status")
    assert [(one["session"], one["parked"]) for one in status["parked"]] == [("ses-1", "refused")]
    assert_fits(rig.run("status").out)
    assert rig.json("resync", "ses-1")["yes"] == 1
    assert len(rig.times(SAM)) == 1


def test_resync_fails_when_it_is_refused_again(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.7.1 not here", person=SAM, times=None)
    rig.run("sync", code=1)
    assert rig.json("resync", code=1)["refused"] == 1


def test_sync_fails_while_a_source_cannot_be_read_and_withdraws_nothing(synced: Rig) -> None:
    file = synced.folder / "sessions.jsonl"
    file.rename(synced.folder / "elsewhere.jsonl")
    done = synced.run("sync", code=1)
    assert "sessions.jsonl" in done.out
    assert_fits(done.out)
    assert "No such file" in synced.run("plan", code=1).err
    assert "No such file" in synced.run("baseline", code=1).err
    assert len(synced.times(MAYA)) == 2


def test_resync_decides_about_exactly_what_its_filters_say(synced: Rig) -> None:
    starts = datetime.fromisoformat(synced.records["ses-2"]["starts_at"]).replace(tzinfo=UTC)
    after, before = starts + timedelta(days=1), starts - timedelta(days=1)
    later = (after + timedelta(days=1)).replace(tzinfo=None)
    times = {
        "starts_at": later.isoformat(),
        "ends_at": (later + timedelta(hours=1)).isoformat(),
    }
    synced.book("ses-3", SAM, **times)
    synced.run("sync")
    counts = {
        (): 5,
        ("ses-1",): 2,
        ("ses-1", "ses-2"): 4,
        ("--person", MAYA): 2,
        ("--person", "u-2"): 2,
        ("--program", "prog-ses-2"): 2,
        ("--tenant", "default"): 5,
        ("--from", after.isoformat()): 1,
        ("--to", after.isoformat()): 4,
        ("--from", before.date().isoformat(), "--to", after.isoformat()): 4,
        ("ses-1", "--person", SAM): 1,
    }
    found = {one: synced.json("resync", *one)["selected"] for one in counts}
    assert found == counts


def test_resync_repairs_what_vanished_and_mails_nobody(synced: Rig) -> None:
    event = synced.sandbox.shown(MAYA)[0]
    synced.sandbox.user_deletes(MAYA, event.id)
    before = len(synced.sandbox.mails(SAM))
    synced.run("resync", "--rewrite")
    story = synced.json("explain", "ses-1", "--person", MAYA)
    states = {
        copy["state"]
        for ident in ("ses-1", "ses-2")
        for copy in synced.json("explain", ident, "--person", MAYA)["people"][0]["copies"]
    }
    assert states == {"live", "dismissed"}, story
    assert len(synced.sandbox.mails(SAM)) == before


def test_resend_mails_the_same_event_again(synced: Rig) -> None:
    assert synced.run("resend", "ses-1", "--person", SAM).out == "sent\n"
    first, second = synced.sandbox.mails(SAM)
    assert (first.uid, first.sequence) == (second.uid, second.sequence)
    assert first.message_id != second.message_id
    assert len(synced.times(SAM)) == 1


def test_resend_says_where_somebody_with_a_calendar_sees_the_session(synced: Rig) -> None:
    refused = synced.run("resend", "ses-1", "--person", MAYA, code=2)
    assert "calsync explain ses-1" in refused.err


def test_resend_fails_when_the_mail_server_says_no(synced: Rig) -> None:
    synced.sandbox.fail_smtp("rcpt", code=550, message="5.7.1 not here", person=SAM)
    assert "not sent" in synced.run("resend", "ses-1", "--person", SAM, code=1).out


def test_resend_sends_nothing_while_sending_is_stopped(synced: Rig) -> None:
    synced.run("pause", "--channel", "mail")
    assert "calsync resume" in synced.run("resend", "ses-1", "--person", SAM, code=2).err
    synced.run("resume")
    synced.configure(deliver="dry_run = true")
    assert "dry_run" in synced.run("resend", "ses-1", "--person", SAM, code=2).err
    synced.configure(deliver='only_to = ["*@corp.example"]')
    assert "only_to" in synced.run("resend", "ses-1", "--person", SAM, code=2).err
    assert len(synced.sandbox.mails(SAM)) == 1


def test_dry_run_in_the_configuration_sends_nothing_and_says_so(rig: Rig) -> None:
    rig.configure(deliver="dry_run = true")
    rig.book("ses-1", SAM)
    assert "nothing was sent" in rig.run("sync").out
    assert rig.sandbox.mails(SAM) == []
    rig.configure()
    rig.run("sync")
    assert len(rig.times(SAM)) == 1


def test_an_imported_account_takes_over_from_mail(rig: Rig) -> None:
    rig.book("ses-1", MAYA, SAM)
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [False]
    given = json.dumps({"refresh_token": rig.sandbox.grant(MAYA)})
    done = rig.run("accounts", "import", "--provider", "google", "--email", MAYA, stdin=given)
    assert "1 delivery goes there now" in done.out
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [True]


def test_a_disconnected_account_is_emptied_and_mail_takes_over(synced: Rig) -> None:
    account = synced.json("accounts", "list")[0]["id"]
    assert "withdraws" in synced.run("accounts", "disconnect", account).out
    assert synced.json("accounts", "list")[0]["state"] == "disconnecting"
    synced.run("sync", "--now")
    assert [one.ours for one in synced.sandbox.shown(MAYA)] == [False, False]
    assert synced.json("accounts", "list")[0]["state"] == "disconnected"
    assert synced.ask("SELECT secret, token FROM account") == [(None, None)]


def test_sessions_far_ahead_are_told_of_in_one_mail_when_a_calendar_is_disconnected(
    rig: Rig,
) -> None:
    account = rig.connect()
    for name in ("far-1", "far-2"):
        rig.book(name, MAYA)
        rig.move(name, hours=24 * 30)
    rig.run("sync")
    rig.run("accounts", "disconnect", account)
    said = rig.run("sync").out
    assert rig.sandbox.shown(MAYA) == []
    (digest,) = of_sessions(rig.sandbox.mails(MAYA))
    assert "Title of far-1" in str(digest)
    assert "2 of these are invitations announced in a digest and sent on the day" in said
    for command in (["status"], ["plan"], ["explain", "far-1"]):
        text = rig.run(*command).out
        assert "digest" in text
        assert_fits(text)


def test_a_dead_account_is_disconnected_at_once(synced: Rig) -> None:
    account = synced.json("accounts", "list")[0]["id"]
    synced.sandbox.revoke(MAYA)
    with synced.opened() as db:
        db.execute("UPDATE account SET token = NULL")
    synced.move("ses-1", hours=2)
    synced.run("sync", "--now")
    assert synced.json("accounts", "list")[0]["state"] == "reconnect"
    assert "credentials deleted" in synced.run("accounts", "disconnect", account).out
    assert synced.ask("SELECT secret FROM account") == [(None,)]


def test_after_a_baseline_nothing_leaves_until_something_material_changes(rig: Rig) -> None:
    rig.book("ses-1", SAM, LENA)
    assert "2 deliveries recorded" in rig.run("baseline").out
    rig.book("ses-1", agenda={"text": "other words", "format": "text"})
    rig.run("sync", "--now")
    assert rig.sandbox.mails(SAM) == []
    rig.move("ses-1", hours=2)
    rig.run("sync", "--now")
    assert len(rig.sandbox.mails(SAM)) == len(rig.sandbox.mails(LENA)) == 1


def test_a_baseline_file_lets_an_update_match_the_old_invitation(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    known = {"session": "ses-1", "participant": "u-2", "uid": "old@else.example", "sequence": 4}
    file = rig.folder / "known.jsonl"
    file.write_text(json.dumps(known) + "\n\n", encoding="utf-8")
    assert "1 delivery recorded" in rig.run("baseline", str(file)).out
    rig.move("ses-1", hours=2)
    rig.run("sync", "--now")
    (mail,) = rig.sandbox.mails(SAM)
    assert mail.uid == "old@else.example"
    assert mail.sequence > 4


def test_pause_stops_one_channel_or_all_until_resume(rig: Rig) -> None:
    rig.connect()
    rig.run("pause", "--channel", "mail", "--reason", "the relay\nmoves tonight")
    rig.book("ses-1", MAYA, SAM)
    assert rig.json("sync")["sources"][0]["seen"] == 1, "polling goes on"
    assert (len(rig.times(MAYA)), len(rig.times(SAM))) == (1, 0)
    (finding,) = [one for one in rig.json("sync")["findings"] if one["kind"] == "pause"]
    assert finding["text"].endswith("by an operator: the relay moves tonight")
    assert "nothing to resume" in rig.run("resume", "--channel", "google").out
    assert "1 pause lifted" in rig.run("resume", "--channel", "mail").out
    rig.run("sync")
    assert len(rig.times(SAM)) == 1
    rig.run("pause")
    rig.book("ses-2", MAYA, SAM)
    rig.run("sync")
    assert len(rig.times(MAYA)) == 1
    rig.run("resume")
    rig.run("sync")
    assert len(rig.times(MAYA)) == len(rig.times(SAM)) == 2


def test_forget_blanks_a_person_and_leaves_what_they_see(synced: Rig) -> None:
    done = synced.json("forget", MAYA, "--yes")
    left = {"events_left": 2, "invitations_left": 0, "named_in": 2}
    assert done == {"deliveries": 2, "accounts": 1, "revoking": 1} | left
    assert len(synced.times(MAYA)) == 2
    assert MAYA not in json.dumps(synced.json("status"))
    stored = repr(synced.rows())
    assert MAYA not in stored
    assert synced.token not in stored
    synced.run("resync")
    assert len(synced.times(MAYA)) == 2, "nothing is withdrawn by a later resync"


def test_forget_says_what_remains_and_what_brings_the_person_back(synced: Rig) -> None:
    told = synced.run("forget", MAYA, "--tenant", "default", "--yes").out
    assert "1 consent is being taken back at the provider" in told
    assert "2 events in calendars and 0 mailed invitations stay where they are" in told
    assert "the others in 2 sessions ahead may see the name" in told
    assert "a source that still names this person brings them back" in told
    assert_fits(told)
    assert (
        "there is no tenant acme"
        in synced.run("forget", SAM, "--tenant", "acme", "--yes", code=2).err
    )


def test_forget_asks_first(synced: Rig) -> None:
    before = synced.rows()
    assert "--yes" in synced.run("forget", SAM, stdin="n\n", code=2).err
    assert "--yes" in synced.run("forget", SAM, stdin="", code=2).err
    assert synced.rows() == before
    assert "1 delivery" in synced.run("forget", SAM, stdin="y\n").out


def test_upgrade_makes_the_schema_once_and_may_be_repeated(rig: Rig) -> None:
    rig.database.unlink()
    first = rig.run("db", "upgrade").out
    assert "was empty" in first
    before = rig.rows()
    assert "was" not in rig.run("db", "upgrade").out
    assert rig.rows() == before
