"""A ledger's life, on both databases: no statement of it reads a growing table from end to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from calsync.accounts import disconnect
from calsync.core.booked import Online, Program, ProgramKind, Status
from calsync.core.guard import Limits
from calsync.daemon import maintenance, single_pass
from calsync.errors import Refused
from calsync.notices.sender import Notifier
from calsync.ops import commands, plan, queries, retention, verdict
from calsync.ops.questions.explain import explain
from calsync.ops.questions.person import person
from calsync.ops.restore.recover import recover
from calsync.store.api import facts
from calsync.store.ledger.selection import Selection
from tests.harness.plans import scans, statements
from tests.harness.platform import MAYA, Platform
from tests.harness.platform_fixtures import MakePlatform
from tests.ops.test_purge import QuietSender

# What may read everything, as words of its text tell, and why.
FORGET = "`forget` searches every text for somebody who is quoted in it"
WHOLE: Mapping[str, str] = MappingProxyType(
    {
        "SELECT DISTINCT delivery.tenant, delivery.email": "changed `domains` look at everybody",
        "lower(journal.detail) LIKE": FORGET,
        "lower(booked_session.stale) LIKE": FORGET,
        "lower(notice.person) IN": FORGET,
        "notice.subject_key LIKE": FORGET,
        "delivery.stands_until > ": "`recover` looks at everything that is ahead, by ranges",
    }
)


def _books(platform: Platform) -> None:
    platform.connect("maya@example.org")
    program = Program("prog-8", "Engineering", ProgramKind.GROUP, upcoming_hours=24)
    platform.book(*(platform.a_session(f"ses-{n}") for n in range(1, 6)))
    platform.book(platform.a_session("ses-6", program=program))
    platform.deliver(workers=2)


def _changes(platform: Platform) -> None:
    platform.mail.failures = ["lost", Refused("no such mailbox", happened="no")]
    session = platform.change(platform.a_session(), place=Online("https://zoom.us/j/4"))
    platform.change(platform.a_session("ses-2"), status=Status.CANCELLED)
    platform.change(platform.a_session("ses-3"), participants=(MAYA,))
    platform.later(minutes=10)
    platform.deliver()
    platform.change(session, title="Another title")
    platform.later(hours=7)
    platform.poller.run_due()
    platform.deliver()


def _looks(platform: Platform) -> None:
    platform.later(days=9, hours=1)
    while platform.inspector.run_once():
        pass
    maintenance.once(platform.context)
    maintenance.count_held(platform.context)
    Notifier(platform.context, {"default": QuietSender()}).run_once()


def _asks(platform: Platform) -> None:
    context = platform.context
    queries.status(context)
    verdict.readiness(context)
    verdict.verdict(context)
    plan.plan(context, ())
    explain(context, "ses-1", None, None)
    explain(context, "ses-1", "maya@example.org", "default")
    person(context, "maya@example.org", None)
    with platform.store.write() as db:
        facts.number(db, "default")
    with platform.store.read() as db:
        facts.tail(db, "default")


def _orders(platform: Platform) -> None:
    context = platform.context
    commands.pause(context, "default", "google")
    commands.resume(context, "default", "google")
    commands.resync(context, Selection(tenant="default", sessions=("ses-1",)), rewrite=True)
    commands.resync(context, Selection(sessions=("ses-2",)), rewrite=False)
    commands.resync(context, Selection(person="maya@example.org"), rewrite=False)
    single_pass.poll_all(context, [platform.poller])
    single_pass.deliver_all(context, {"default": QuietSender()}, now=True)
    platform.deliver()


def _leaves(platform: Platform) -> None:
    context = platform.context
    sam = platform.connect("sam@example.org")
    platform.deliver()
    disconnect.disconnect(context, sam)
    platform.deliver()
    maintenance.disconnects(context)
    retention.forget(context, "sam@example.org")


def _is_put_back(platform: Platform) -> None:
    recover(platform.context, read_again=False)
    platform.deliver()


def _grows_old(platform: Platform) -> None:
    platform.later(days=500)
    retention.run_once(platform.context)


LIFE: tuple[Callable[[Platform], None], ...] = (
    _books,
    _changes,
    _looks,
    _asks,
    _orders,
    _leaves,
    _is_put_back,
    _grows_old,
)


def test_no_statement_of_a_life_reads_a_growing_table_whole(make_platform: MakePlatform) -> None:
    platform = make_platform()
    with statements(platform.store.engine) as asked:
        for part in LIFE:
            part(platform)
    assert len(asked) > 150
    with platform.store.engine.connect() as conn:
        whole = {text: found for text in asked if (found := scans(conn, text, asked[text]))}

    excused = {text for text in whole if any(words in " ".join(text.split()) for words in WHOLE)}
    assert {text: found for text, found in whole.items() if text not in excused} == {}


def test_a_held_batch_is_shown_and_approved_without_a_scan(make_platform: MakePlatform) -> None:
    platform = make_platform(Limits(1, 0.1, 1, 1, 1))
    with statements(platform.store.engine) as asked:
        platform.book(*(platform.a_session(f"ses-{n}") for n in range(5)))
        (held,) = queries.status(platform.context).held
        commands.approve(platform.context, held.batch, held.digest, reject=False)
        platform.deliver()
    with platform.store.engine.connect() as conn:
        whole = {text: found for text in asked if (found := scans(conn, text, asked[text]))}

    assert whole == {}
