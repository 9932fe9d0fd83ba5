"""What can break, what the verdict says of it, and what ends it: the table in docs/operating.md."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.daemon.faults import breaking
from tests.daemon.faults.bench import Bench, in_ledger


class Ends(StrEnum):
    """What ends a fault once whoever can has mended what it comes from."""

    COMMAND = "the command"
    TWO = "the command, and the one that is printed next"
    ITSELF = "by itself"  # the command tells more


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    name     what broke
    kind     of the finding; `says` is in its sentence
    command  as it is printed, with a word in capitals for what differs
    breaks   breaks it
    mends    what a person elsewhere does before the command is typed
    ends     what ends it then
    races    the daemon ends it as well, within a second
    unseen   it does so even before the fault is found, which takes no daemon
    """

    name: str
    kind: str
    says: str
    command: str
    breaks: Callable[[Bench], object]
    mends: Callable[[Bench], object] = lambda _: None
    ends: Ends = Ends.COMMAND
    races: bool = False
    unseen: bool = False


BESIDE = (  # a daemon that works
    Fault(
        "the mail server is down",
        "failing_channel",
        "the mail server has accepted no mail since",
        "calsync resume --tenant default --channel mail",
        breaking.mail_server_down,
        lambda bench: bench.smtp.open(),
    ),
    Fault(
        "the mail server wants a sign-in",
        "pause",
        "mail: answered 530 5.7.0",
        "calsync resume --tenant default --channel mail",
        breaking.sign_in_wanted,
        lambda bench: bench.mail_goes_to(bench.mailboxes),
    ),
    Fault(
        "the configuration of a provider does not work",
        "pause",
        "google has been paused since",
        "calsync resume --tenant default --channel google",
        breaking.channel_stopped,
        lambda bench: bench.rig.sandbox.clear_faults(),
    ),
    Fault(
        "a pause was forgotten",
        "pause",
        "maintenance",
        "calsync resume",
        breaking.forgotten,
    ),
    Fault(
        "a mail server refuses an address",
        "parked",
        "550 5.1.1",
        "calsync resync SESSION --person ADDRESS",
        breaking.parked,
        lambda bench: bench.rig.sandbox.clear_faults(),
    ),
    Fault(
        "a source cannot be read",
        "source",
        "source platform has been unreadable since",
        "calsync sync --source platform",
        lambda bench: bench.rig.source.unlink(),
        lambda bench: bench.rig.publish(),
        races=True,
    ),
    Fault(
        "a source does not answer",
        "long_read",
        "source feed has been read since",
        "calsync sources",
        breaking.feed_hangs,
        lambda bench: bench.feed.answers.set(),
        Ends.ITSELF,
    ),
    Fault(
        "a source refuses its token",
        "source",
        "source feed has been unreadable since",
        "calsync sync --source feed",
        lambda bench: setattr(bench.feed, "status", 401),
        lambda bench: setattr(bench.feed, "status", 200),
        races=True,
    ),
    Fault(
        "a record cannot be used",
        "refused_record",
        "ses-mars: time_zone",
        "calsync sync --source platform",
        breaking.refused,
        breaking.right_zone("ses-mars"),
        races=True,
    ),
    Fault(
        "the update of a session that starts soon cannot be used",
        "stale",
        "ses-soon starts within 24 hours",
        "calsync sync --source platform",
        breaking.stale,
        breaking.right_zone("ses-soon"),
        races=True,
    ),
    Fault(
        "a person's address cannot be read",
        "warning",
        "1 participant is set aside: ses-aside",
        "calsync sync --source platform",
        breaking.set_aside,
        lambda bench: bench.rig.put({**bench.rig.records["ses-0"], "id": "ses-aside"}),
        races=True,
    ),
    Fault(
        "the platform's webhook fails",
        "webhook",
        "status 500",
        "calsync webhooks retry --tenant default",
        breaking.webhook_fails,
        lambda bench: setattr(bench.receiver, "status", 200),
    ),
    Fault(
        "the platform never took what its webhook told",
        "dead_letters",
        "never took some facts that its webhook told (1 dead letter)",
        "calsync webhooks replay --tenant TENANT",
        breaking.webhook_gives_up,
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
        breaking.disk_full,
        lambda bench: breaking.limit_files(bench, resource.getrlimit(resource.RLIMIT_FSIZE)[0]),
        Ends.ITSELF,
    ),
    Fault(
        "a person's consent has ended",
        "account",
        "google account has to be connected again",
        "calsync accounts list",
        breaking.token_dead,
        lambda bench: bench.rig.connect(),
        Ends.ITSELF,
    ),
    Fault(
        "an account is about to be lost, as nobody used it",
        "ending_account",
        "1 account has not been used since",
        "calsync doctor",
        breaking.long_unused,
        breaking.long_unused,  # once more: the daemon looks into the calendar now and then
        races=True,
        unseen=True,
    ),
    Fault(
        "something happened that nobody foresaw",
        "unexpected",
        "1 unexpected failure was caught (call): ZeroDivisionError",
        "calsync explain SESSION",
        breaking.unforeseen,
        lambda bench: bench.long_ago("last_at", "unexpected_failure"),
        Ends.ITSELF,
    ),
    Fault(
        "a mass change is held",
        "held",
        "first_mail 16",
        "calsync approve BATCH --digest DIGEST",
        breaking.held,
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
        "the mail server refuses the sign-in",
        "pause",
        "auth: answered 535",
        "calsync resume --tenant default --channel mail",
        breaking.wrong_password,
        lambda bench: setattr(bench.picky, "password", b"right"),
    ),
    Fault(
        "the key is another one",
        "configuration",
        "this database has been sealed with the key",
        "",
        breaking.another_key,
        lambda bench: (bench.rig.folder / "keys").write_text(bench.kept, encoding="utf-8"),
        Ends.ITSELF,
    ),
    Fault(
        "the database was made by a newer version",
        "ledger",
        "run the calsync that made it, or a newer one",
        "",
        breaking.newer_schema,
        lambda bench: bench.change("UPDATE alembic_version SET version_num = ?", bench.kept),
        Ends.ITSELF,
    ),
    Fault(
        "the ledger was put back from a backup",
        "pause",
        "everything has been paused since",
        "calsync verify --repair",
        breaking.restored,
        ends=Ends.TWO,
    ),
)
# On PostgreSQL; see tests/daemon/faults/test_postgres.py.
DATABASE = (
    Fault(
        "the database does not answer",
        "database",
        "the database cannot be used",
        "",
        lambda _: 0,
        ends=Ends.ITSELF,
    ),
    Fault(
        "too few database connections",
        "database",
        "too many connections",
        "",
        lambda _: 0,
        ends=Ends.ITSELF,
    ),
)
FAULTS = (*BESIDE, *WITHOUT, *DATABASE)
