"""What can break, how it is mended by whoever can, and what the verdict says of it."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from calsync.store.vault import new_key
from tests.cli.rig import LENA, MAYA, PEOPLE, SAM
from tests.daemon.faults.bench import Bench, in_ledger
from tests.harness.records import now
from tests.harness.small_calsync import until

POSTS = {"method": "POST", "path_contains": "/events"}


@dataclass(frozen=True)
class Fault:
    """One row of the table in docs/operating.md.

    name     what broke
    kind     of the finding; `says` is in its sentence
    command  as it is printed, with a word in capitals for what differs
    breaks   breaks it
    mends    what a person elsewhere does before the command is typed
    """

    name: str
    kind: str
    says: str
    command: str
    breaks: Callable[[Bench], object]
    mends: Callable[[Bench], object] = lambda _: None


def _mail_server_down(bench: Bench) -> None:
    bench.smtp.close()
    bench.book("ses-down", SAM)


def _channel_stopped(bench: Bench) -> None:
    bench.rig.sandbox.fail(POSTS, status=403, reason="accessNotConfigured", times=None)
    bench.book("ses-setup", MAYA)


def _token_dead(bench: Bench) -> None:
    bench.rig.sandbox.revoke(MAYA)
    bench.book("ses-lost", MAYA)


def _held(bench: Bench) -> None:
    people = [{"id": f"h-{n}", "name": f"H {n}", "email": f"h{n}@mail.example"} for n in range(16)]
    for one in people:
        bench.rig.sandbox.add_person(one["email"])
    bench.book("ses-held", SAM, participants=people)


def _forgotten(bench: Bench) -> None:
    bench.rig.run("pause", "--reason", "maintenance")
    bench.long_ago("since", "pause")


def _parked(bench: Bench) -> None:
    bench.rig.sandbox.fail_smtp(code=550, message="5.1.1 no such mailbox", person=LENA, times=None)
    bench.book("ses-parked", LENA)


def _refused(bench: Bench) -> None:
    record = {**bench.rig.records["ses-0"], "id": "ses-mars", "time_zone": "Mars/Olympus"}
    bench.rig.put(record)


def _set_aside(bench: Bench) -> None:
    nobody = {"id": "u-9", "name": "Noor Haddad", "email": "noor at example"}
    bench.book("ses-aside", SAM, participants=[PEOPLE[SAM], nobody])


def _stale(bench: Bench) -> None:
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


def _right_zone(ident: str) -> Callable[[Bench], None]:
    def mend(bench: Bench) -> None:
        bench.rig.put({**bench.rig.records[ident], "time_zone": "UTC"})

    return mend


def _webhook_fails(bench: Bench, session: str = "ses-told") -> None:
    bench.receiver.status = 500
    bench.book(session, SAM)


def _webhook_works(bench: Bench) -> None:
    bench.receiver.status = 200
    bench.change("UPDATE webhook SET due_at = ?", in_ledger(hours=-1))


def _webhook_gives_up(bench: Bench) -> None:
    _webhook_fails(bench, "ses-untold")
    until(lambda: bench.rig.ask("SELECT 1 FROM webhook WHERE failing_since IS NOT NULL"))
    bench.long_ago("failing_since", "webhook")
    bench.change("UPDATE webhook SET due_at = ?", in_ledger(hours=-1))


def _disk_full(bench: Bench) -> None:
    _limit_files(bench, bench.rig.database.stat().st_size // 2)
    bench.long_ago("heartbeat", "instance")


def _limit_files(bench: Bench, size: int) -> None:
    """The daemon's writes behind so many bytes fail, as on a disk that is full."""
    assert bench.process is not None
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(bench.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def _daemon_refuses(bench: Bench) -> None:
    """It ends at once, as wrong usage does."""
    process = bench.start()
    assert process.wait(timeout=60) == 2


def _another_key(bench: Bench) -> None:
    keys = bench.rig.folder / "keys"
    bench.kept = keys.read_text("utf-8")
    keys.write_text(new_key(), encoding="utf-8")
    _daemon_refuses(bench)


def _newer_schema(bench: Bench) -> None:
    ((bench.kept,),) = bench.rig.ask("SELECT version_num FROM alembic_version")
    bench.change("UPDATE alembic_version SET version_num = '9999'")
    _daemon_refuses(bench)


def _restored(bench: Bench) -> None:
    """A copy is put back while nothing runs; then the daemon is started, and sends nothing."""
    bench.rig.run("backup", str(bench.rig.folder / "copy.db"))
    for one in ("calsync.db-wal", "calsync.db-shm"):
        (bench.rig.folder / one).unlink(missing_ok=True)
    (bench.rig.folder / "copy.db").replace(bench.rig.database)
    bench.start()
    until(lambda: bench.finding("no_daemon", "") is None)


BESIDE = (  # a daemon that works
    Fault(
        "the mail server is down",
        "failing_channel",
        "the mail server takes no mail since",
        "calsync resume --tenant default --channel mail",
        _mail_server_down,
        lambda bench: bench.smtp.open(),
    ),
    Fault(
        "the configuration of a provider does not work",
        "pause",
        "google has been paused since",
        "calsync resume --tenant default --channel google",
        _channel_stopped,
        lambda bench: bench.rig.sandbox.clear_faults(),
    ),
    Fault(
        "a pause was forgotten",
        "pause",
        "maintenance",
        "calsync resume",
        _forgotten,
    ),
    Fault(
        "a mail server refuses an address",
        "parked",
        "550 5.1.1",
        "calsync resync SESSION --person ADDRESS",
        _parked,
        lambda bench: bench.rig.sandbox.clear_faults(),
    ),
    Fault(
        "a source cannot be read",
        "source",
        "source platform has been unreadable since",
        "calsync plan",
        lambda bench: bench.rig.source.unlink(),
        lambda bench: bench.rig.publish(),
    ),
    Fault(
        "a source refuses its token",
        "source",
        "source feed has been unreadable since",
        "calsync plan",
        lambda bench: setattr(bench.feed, "status", 401),
        lambda bench: setattr(bench.feed, "status", 200),
    ),
    Fault(
        "a record cannot be used",
        "refused_record",
        "ses-mars: time_zone",
        "calsync status",
        _refused,
        _right_zone("ses-mars"),
    ),
    Fault(
        "the update of a session that starts soon cannot be used",
        "stale",
        "ses-soon starts within 24 hours",
        "calsync explain SESSION",
        _stale,
        _right_zone("ses-soon"),
    ),
    Fault(
        "a person's address cannot be read",
        "warning",
        "1 participant is set aside: ses-aside",
        "calsync explain SESSION --person ID",
        _set_aside,
        lambda bench: bench.book("ses-aside", SAM),
    ),
    Fault(
        "the platform's webhook fails",
        "webhook",
        "status 500",
        "calsync webhooks list",
        _webhook_fails,
        _webhook_works,
    ),
    Fault(
        "the platform never took what its webhook told",
        "dead_letters",
        "never took some facts that its webhook told (1 dead letter)",
        "calsync webhooks replay --tenant TENANT",
        _webhook_gives_up,
        lambda bench: setattr(bench.receiver, "status", 200),
    ),
    Fault(
        "the configuration can be read by everybody",
        "exposed_file",
        "can read the secrets",
        "chmod o= FILE",
        lambda bench: bench.rig.config.chmod(0o644),
    ),
    Fault(
        "the ledger can be read by everybody",
        "exposed_ledger",
        "can read the ledger",
        "calsync db upgrade",
        lambda bench: bench.rig.database.chmod(0o644),
    ),
    Fault(
        "the disk is full",
        "cannot_write",
        "the daemon runs and has written nothing",
        "df -h FOLDER",
        _disk_full,
        lambda bench: _limit_files(bench, resource.getrlimit(resource.RLIMIT_FSIZE)[0]),
    ),
    Fault(
        "a person's consent has ended",
        "account",
        "google account has to be connected again",
        "calsync accounts list",
        _token_dead,
        lambda bench: bench.rig.connect(),
    ),
    Fault(
        "a mass change is held",
        "held",
        "first_mail 16",
        "calsync approve BATCH --digest DIGEST",
        _held,
    ),
)
WITHOUT = (  # a daemon, or with one that cannot work
    Fault(
        "no daemon runs",
        "no_daemon",
        "no daemon has",
        "calsync run",
        lambda bench: bench.stop(),
    ),
    Fault(
        "the clock was wrong",
        "clock",
        "the clock has been set back, or was wrong",
        "calsync run",
        lambda bench: bench.change("UPDATE instance SET heartbeat = ?", in_ledger(hours=5)),
    ),
    Fault(
        "the key is another one",
        "configuration",
        "this database has been sealed with the key",
        "",
        _another_key,
        lambda bench: (bench.rig.folder / "keys").write_text(bench.kept, encoding="utf-8"),
    ),
    Fault(
        "the database was made by a newer version",
        "ledger",
        "run the calsync that made it, or a newer one",
        "",
        _newer_schema,
        lambda bench: bench.change("UPDATE alembic_version SET version_num = ?", bench.kept),
    ),
    Fault(
        "the ledger was put back from a backup",
        "pause",
        "everything has been paused since",
        "calsync verify --repair",
        _restored,
    ),
)
# On PostgreSQL; see tests/daemon/faults/test_postgres.py.
DATABASE = (
    Fault(
        "the database does not answer", "database", "the database cannot be used", "", lambda _: 0
    ),
    Fault("too few database connections", "database", "too many connections", "", lambda _: 0),
)
FAULTS = (*BESIDE, *WITHOUT, *DATABASE)
