"""How each thing breaks, and how whoever can mends it."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import timedelta

from calsync.store.vault import new_key
from tests.cli.rig import LENA, MAYA, PEOPLE, SAM
from tests.daemon.faults.bench import Bench, in_ledger
from tests.daemon.faults.planted import FAILS
from tests.harness.records import now
from tests.harness.small_calsync import until

POSTS = {"method": "POST", "path_contains": "/events"}
DAY = 24.0


def mail_server_down(bench: Bench) -> None:
    bench.smtp.close()
    bench.book("ses-down", SAM)


def sign_in_wanted(bench: Bench) -> None:
    server = bench.another_mail_server()
    server.faults["mail"] = "530 5.7.0 Authentication required"
    server.lasting.add("mail")
    bench.mail_goes_to(("127.0.0.1", server.port))
    bench.book("ses-530", SAM)


def wrong_password(bench: Bench) -> None:
    """It was changed at the mail server."""
    bench.picky = bench.another_mail_server(password=b"changed")
    text = bench.rig.config.read_text("utf-8")
    login = f'port = {bench.picky.port}\nusername = "calsync"\npassword = "right"'
    bench.rig.config.write_text(text.replace(f"port = {bench.smtp.port}", login), encoding="utf-8")
    bench.start()
    bench.book("ses-535", SAM)


def channel_stopped(bench: Bench) -> None:
    bench.rig.sandbox.fail(POSTS, status=403, reason="accessNotConfigured", times=None)
    bench.book("ses-setup", MAYA)


def token_dead(bench: Bench) -> None:
    bench.rig.sandbox.revoke(MAYA)
    bench.book("ses-lost", MAYA)


def long_unused(bench: Bench) -> None:
    """Google ends access that is not used for half a year; its token still works."""
    months = in_ledger(hours=-170 * DAY)
    bench.change("UPDATE account SET chosen_at = ?, token_until = ?", months, months)


def unforeseen(bench: Bench) -> None:
    person = {"id": "u-8", "name": "Una Forde", "email": FAILS}
    bench.rig.sandbox.add_person(FAILS)
    bench.book("ses-unforeseen", SAM, participants=[person])


def feed_hangs(bench: Bench) -> None:
    """It takes the request and says nothing, for as long as two days."""
    bench.feed.answers.clear()
    asked = "name = 'feed' AND poll_token IS NOT NULL"
    until(
        lambda: bench.feed.waiting and bench.rig.ask(f"SELECT 1 FROM source_cursor WHERE {asked}")
    )
    bench.long_ago("poll_since", "source_cursor", asked)


def held(bench: Bench) -> None:
    people = [{"id": f"h-{n}", "name": f"H {n}", "email": f"h{n}@mail.example"} for n in range(16)]
    for one in people:
        bench.rig.sandbox.add_person(one["email"])
    bench.book("ses-held", SAM, participants=people)


def forgotten(bench: Bench) -> None:
    bench.rig.run("pause", "--reason", "maintenance")
    bench.long_ago("since", "pause")


def parked(bench: Bench) -> None:
    bench.rig.sandbox.fail_smtp(code=550, message="5.1.1 no such mailbox", person=LENA, times=None)
    bench.book("ses-parked", LENA)


def refused(bench: Bench) -> None:
    record = {**bench.rig.records["ses-0"], "id": "ses-mars", "time_zone": "Mars/Olympus"}
    bench.rig.put(record)


def set_aside(bench: Bench) -> None:
    nobody = {"id": "u-9", "name": "Noor Haddad", "email": "noor at example"}
    bench.book("ses-aside", SAM, participants=[PEOPLE[SAM], nobody])


def stale(bench: Bench) -> None:
    start = (now() + timedelta(hours=20)).replace(microsecond=0, tzinfo=None)
    times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
    record = bench.book("ses-soon", SAM, **times)
    until(
        lambda: (
            len(bench.rig.sandbox.mails(SAM))
            and bench.rig.ask("SELECT 1 FROM copy WHERE session = 'ses-soon' AND state = 'live'")
        )
    )
    bench.rig.put({**record, "time_zone": "Mars/Olympus"})


def right_zone(ident: str) -> Callable[[Bench], None]:
    def mend(bench: Bench) -> None:
        bench.rig.put({**bench.rig.records[ident], "time_zone": "UTC"})

    return mend


def webhook_fails(bench: Bench, session: str = "ses-told") -> None:
    bench.receiver.status = 500
    bench.book(session, SAM)


def webhook_gives_up(bench: Bench) -> None:
    webhook_fails(bench, "ses-untold")
    until(lambda: bench.rig.ask("SELECT 1 FROM webhook WHERE failing_since IS NOT NULL"))
    bench.long_ago("failing_since", "webhook")
    bench.change("UPDATE webhook SET due_at = ?", in_ledger(hours=-1))


def disk_full(bench: Bench) -> None:
    limit_files(bench, bench.rig.database.stat().st_size // 2)
    bench.long_ago("heartbeat", "instance")


def limit_files(bench: Bench, size: int) -> None:
    """The daemon's writes behind so many bytes fail, as on a disk that is full."""
    assert bench.process is not None
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def daemon_refuses(bench: Bench) -> None:
    """It ends at once, as wrong usage does."""
    process = bench.start()
    assert process.wait(timeout=60) == 2


def another_key(bench: Bench) -> None:
    keys = bench.rig.folder / "keys"
    bench.kept = keys.read_text("utf-8")
    keys.write_text(new_key(), encoding="utf-8")
    daemon_refuses(bench)


def newer_schema(bench: Bench) -> None:
    ((bench.kept,),) = bench.rig.ask("SELECT version_num FROM alembic_version")
    bench.change("UPDATE alembic_version SET version_num = '9999'")
    daemon_refuses(bench)


def restored(bench: Bench) -> None:
    """A copy is put back while nothing runs; then the daemon is started, and sends nothing."""
    bench.rig.run("backup", str(bench.rig.folder / "copy.db"))
    for one in ("calsync.db-wal", "calsync.db-shm"):
        (bench.rig.folder / one).unlink(missing_ok=True)
    (bench.rig.folder / "copy.db").replace(bench.rig.database)
    bench.start()
    until(lambda: bench.finding("no_daemon", "") is None)
