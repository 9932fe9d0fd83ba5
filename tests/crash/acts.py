"""What a process does before it is killed, or after: one pass, the daemon, a verb of ops."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.accounts import connect as connecting
from calsync.accounts import disconnect
from calsync.bootstrap.components import Components
from calsync.bootstrap.doctor import live_check
from calsync.core.visit import AskedSignIn, SignedIn, Visit, Visitor
from calsync.daemon import single_pass
from calsync.daemon.daemon import Job, make_daemon
from calsync.delivery import concurrency
from calsync.ingest.push import RefusedError
from calsync.ops import baseline as former
from calsync.ops import commands, queries, retention
from calsync.ops.page.access import Operators
from calsync.ops.page.allowed import Allowed
from calsync.ops.page.signing_in import SigningIn
from calsync.ops.restore.recover import recover
from calsync.ops.restore.verify import Verifier
from calsync.platform_api import feed, tokens
from calsync.platform_api.webhook import Webhook
from calsync.selfservice.signed_links import ArrivalError
from calsync.store.connect.operators import EVERY, Operator
from calsync.store.guard import changes
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses
from tests.consent_browser import consent as browser_consent
from tests.consent_browser import returned

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@gmail.example"
SHOWN = 2  # the daemon ends when so many copies are live


def sync(made: Components, _: str = "") -> None:
    single_pass.poll_all(made.context, made.pollers)
    single_pass.deliver_all(made.context, made.senders, now=True)


def sync_in_rows(made: Components, _: str) -> None:
    """A pass to a mail server that is taken for a fast one, however busy the machine is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(concurrency, "ROW_SECONDS", 600.0)
        sync(made)


def sync_by_ranges(made: Components, _: str) -> None:
    """A pass to which two deliveries are a large batch."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(changes, "RANGE", 1)
        sync(made)


def run(made: Components, _: str) -> None:
    """The daemon, until everything is shown."""
    daemon = make_daemon(made.context, made.pollers, made.senders, made.jobs)
    over = threading.Event()
    copy = table("copy")
    live = sa.select(sa.func.count()).select_from(copy).where(copy.c.state == "live")

    def watch() -> None:
        while not over.wait(0.02):
            with made.context.store.read() as db:
                if db.scalar(live) == SHOWN:
                    daemon.stop()
                    return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        daemon.run()
    finally:
        over.set()
        watcher.join()


def run_with_a_broken_job(made: Components, given: str) -> None:
    """The daemon, with a job that fails in a way nobody foresaw."""

    def fail() -> None:
        raise ZeroDivisionError

    run(replace(made, jobs=[*made.jobs, Job("broken", 3600, fail)]), given)


def restore(made: Components, _: str) -> None:
    """The steps after a backup was put back."""
    recover(made.context)
    single_pass.poll_all(made.context, made.pollers)
    Verifier(made.context).repair([one.source.name for one in made.pollers])
    commands.resume(made.context, pauses.ALL, pauses.ALL)
    sync(made)


def connect(made: Components, given: str) -> None:
    email, token = given.split()
    connecting.add(made.context, "default", "google", email, {"refresh_token": token})
    sync(made)


def disconnect_account(made: Components, ident: str) -> None:
    disconnect.disconnect(made.context, ident)
    sync(made)


def part(made: Components, ident: str) -> None:
    """Maya leaves on her own page; again finds it done."""
    disconnect.leave(made.context, "default", MAYA, ident)
    sync(made)


def resend(made: Components, _: str) -> None:
    commands.resend(made.context, "ses-1", SAM, None)


def resync(made: Components, _: str) -> None:
    single_pass.resync(made.context, made.senders, Selection(), rewrite=True)


def pause(made: Components, _: str) -> None:
    commands.pause(made.context, pauses.ALL, pauses.ALL)
    sync(made)


def resume(made: Components, _: str) -> None:
    commands.resume(made.context, pauses.ALL, pauses.ALL)
    sync(made)


def approve(made: Components, _: str) -> None:
    """What is held is shown, approved as it was shown, and delivered."""
    for one in queries.status(made.context).held:
        commands.approve(made.context, one.batch, one.digest, reject=False)
    sync(made)


def forget(made: Components, email: str) -> None:
    retention.forget(made.context, email)


def reseal(made: Components, lost: str) -> None:
    commands.reseal(made.context, lost=lost or None)


def baseline(made: Components, _: str) -> None:
    single_pass.record_baseline(made.context, made.pollers, {})
    sync(made)


def take_over_events(made: Components, line: str) -> None:
    """`calsync baseline` with a file of one line, and a pass."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        known = former.read(Path(file.name))
    single_pass.record_baseline(made.context, made.pollers, known)
    sync(made)


def clean(made: Components, _: str) -> None:
    """What the daemon does once a day."""
    retention.run_once(made.context)
    sync(made)


def push(made: Components, record: str) -> None:
    given = json.loads(record)
    with suppress(RefusedError):
        made.web.pushers["default"].put(given["id"], given)
    single_pass.deliver_all(made.context, made.senders, now=True)


def send_in(made: Components, body: str) -> None:
    """A booking system's webhook; one that made its source be polled would find nobody there."""
    assert made.web.inbound["told"].take(body.encode(), lambda: None)
    single_pass.deliver_all(made.context, made.senders, now=True)


def create_token(made: Components, _: str) -> None:
    tokens.create(made.context, "default", "new", ["changes:read"])


def use_token(made: Components, token: str) -> None:
    assert tokens.caller(made.context, token) is not None


def revoke_token(made: Components, token: str) -> None:
    tokens.revoke(made.context, token.split("_")[1])


def read(made: Components, _: str) -> None:
    feed.changes(made.context, "default", 0, 100)


def begin_webhook(made: Components, _: str) -> None:
    made.webhook.begin()


def tell(made: Components, _: str) -> None:
    """Everything is taken."""
    with_receiver(made).run()


def replay(made: Components, _: str) -> None:
    with_receiver(made).replay(None, [])


def with_receiver(made: Components) -> Webhook:
    known = made.webhook
    return Webhook(known.context, known.receivers, lambda *_: 204)


def offer(made: Components, _: str) -> None:
    made.web.arrivals.offer(Visitor("default", SAM))


def enter(made: Components, ticket: str) -> None:
    """A ticket that was taken by a browser which never heard of it is of no use any more."""
    with suppress(ArrivalError):
        made.web.arrivals.enter(ticket)


def speak(made: Components, cookie: str) -> None:
    visit = made.web.arrivals.visit(cookie)
    assert visit is not None
    made.web.arrivals.speak(visit, "de")


def leave(made: Components, cookie: str) -> None:
    visit = made.web.arrivals.visit(cookie)
    if visit is not None:
        made.web.arrivals.leave(visit)


def offer_ops(made: Components, _: str) -> None:
    Operators(made.context).offer("http://127.0.0.1", EVERY, acts=True)


def enter_ops(made: Components, ticket: str) -> None:
    Operators(made.context).enter(ticket)


class Lets:
    """An organization's sign-in service that lets Lena in."""

    def address(self, asked: AskedSignIn, until: float) -> str:
        del until
        return f"https://login.example/authorize?state={asked.state}"

    def redeem(self, asked: AskedSignIn, code: str, until: float) -> SignedIn:
        del asked, code, until
        return SignedIn(LENA, "1", frozenset())


def sign_in_ops(made: Components, _: str) -> None:
    rules = [Allowed(EVERY, (LENA,), acts=True)]
    signing_in = SigningIn(made.context, Lets(), rules, "https://calsync.example")
    address, secret = signing_in.begin()
    signing_in.finish(secret, {"code": "4/0", "state": address.partition("state=")[2]})


def leave_ops(made: Components, cookie: str) -> None:
    Operators(made.context).leave(cookie)


def prove(made: Components, account: str) -> None:
    """One event in this account, until what its provider did is stored."""
    list(live_check(made, "google", account).run())


def audit(made: Components, _: str) -> None:
    Operators(made.context).audit(Operator(EVERY, "ops-link", acts=True), "pause", {})


def consent(made: Components, person: str) -> None:
    """Lena consents as this person, and confirms when that is another address than hers."""
    visit, waits = come_back(made, person)
    if waits:
        waiting = made.web.consents.waiting(visit)
        assert waiting is not None
        assert made.web.consents.confirm(visit, waiting.id)
    sync(made)


def decline(made: Components, person: str) -> None:
    visit, _ = come_back(made, person)
    waiting = made.web.consents.waiting(visit)
    assert waiting is not None
    made.web.consents.decline(visit, waiting.id)
    sync(made)


def come_back(made: Components, person: str) -> tuple[Visit, bool]:
    """Lena's browser after Google, and whether she is to confirm."""
    url = made.web.arrivals.offer(Visitor("default", LENA)).url
    _, visit = made.web.arrivals.enter(url.partition("ticket=")[2])
    consents = made.web.consents
    params = returned(browser_consent(consents.begin(visit, "google"), person))
    return visit, consents.finish(visit, "google", params).step == "confirm"


def calls_inside(made: Components, _: str) -> None:
    """A mistake, and nobody hears of it: proves that such a process is found out."""
    poller, *_others = made.pollers
    with made.context.store.read(), suppress(AssertionError):
        next(poller.source.changes(None))


def turn_mails_off(made: Components, email: str) -> None:
    """This person does not want mails before sessions, and says so twice."""
    for _ in range(2):
        made.web.unsubscribing.choose_for(Visitor("default", email), wanted=False)


ACTS: dict[str, Callable[[Components, str], None]] = {
    "sync": sync,
    "calls_inside": calls_inside,
    "sync_by_ranges": sync_by_ranges,
    "sync_in_rows": sync_in_rows,
    "run": run,
    "run_with_a_broken_job": run_with_a_broken_job,
    "connect": connect,
    "disconnect": disconnect_account,
    "part": part,
    "resend": resend,
    "resync": resync,
    "pause": pause,
    "resume": resume,
    "approve": approve,
    "forget": forget,
    "reseal": reseal,
    "baseline": baseline,
    "take_over_events": take_over_events,
    "restore": restore,
    "clean": clean,
    "turn_mails_off": turn_mails_off,
    "push": push,
    "send_in": send_in,
    "begin_webhook": begin_webhook,
    "tell": tell,
    "replay": replay,
    "read": read,
    "create_token": create_token,
    "use_token": use_token,
    "revoke_token": revoke_token,
    "offer": offer,
    "enter": enter,
    "speak": speak,
    "leave": leave,
    "offer_ops": offer_ops,
    "enter_ops": enter_ops,
    "sign_in_ops": sign_in_ops,
    "leave_ops": leave_ops,
    "audit": audit,
    "prove": prove,
    "consent": consent,
    "decline": decline,
}
