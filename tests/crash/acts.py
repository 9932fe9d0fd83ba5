"""What a process does before it is killed, or after: one pass, the daemon, a verb of ops."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa

from calsync.accounts import disconnect
from calsync.core.visit import Visit, Visitor
from calsync.ingest.push import RefusedError
from calsync.ops import retention
from calsync.platform_api.webhook import Webhook
from calsync.selfservice.signed_links import ArrivalError
from calsync.service import Service
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses
from tests.consent_browser import consent as browser_consent
from tests.consent_browser import returned

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@gmail.example"
SHOWN = 2  # the daemon ends when so many copies are live


def sync(service: Service, _: str = "") -> None:
    service.poll_all()
    service.deliver_all(now=True)


def run(service: Service, _: str) -> None:
    """The daemon, until everything is shown."""
    daemon, over = service.daemon(), threading.Event()
    copy = table("copy")
    live = sa.select(sa.func.count()).select_from(copy).where(copy.c.state == "live")

    def watch() -> None:
        while not over.wait(0.02):
            with service.store.read() as db:
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


def connect(service: Service, given: str) -> None:
    email, token = given.split()
    service.import_account("default", "google", email, {"refresh_token": token})
    sync(service)


def disconnect_account(service: Service, ident: str) -> None:
    service.disconnect(ident)
    sync(service)


def part(service: Service, ident: str) -> None:
    """Maya leaves on her own page; again finds it done."""
    disconnect.leave(service.context, "default", MAYA, ident)
    sync(service)


def resend(service: Service, _: str) -> None:
    service.resend("ses-1", SAM, None)


def resync(service: Service, _: str) -> None:
    service.resync(Selection(), rewrite=True)


def pause(service: Service, _: str) -> None:
    service.pause(pauses.ALL, pauses.ALL)
    sync(service)


def resume(service: Service, _: str) -> None:
    service.resume(pauses.ALL, pauses.ALL)
    sync(service)


def approve(service: Service, _: str) -> None:
    """What is held is shown, approved as it was shown, and delivered."""
    for one in service.status()["held"]:
        service.approve(one["batch"], one["digest"], reject=False)
    sync(service)


def forget(service: Service, email: str) -> None:
    service.forget(email)


def reseal(service: Service, _: str) -> None:
    service.reseal()


def baseline(service: Service, _: str) -> None:
    service.baseline(None)
    sync(service)


def clean(service: Service, _: str) -> None:
    """What the daemon does once a day."""
    retention.run_once(service.context, service.content_days, service.journal_days)
    sync(service)


def push(service: Service, record: str) -> None:
    given = json.loads(record)
    with suppress(RefusedError):
        service.platform.pushers["default"].put(given["id"], given)
    service.deliver_all(now=True)


def create_token(service: Service, _: str) -> None:
    service.platform.create_token("default", "new", ["changes:read"])


def use_token(service: Service, token: str) -> None:
    assert service.platform.caller(token) is not None


def revoke_token(service: Service, token: str) -> None:
    service.platform.revoke_token(token.split("_")[1])


def read(service: Service, _: str) -> None:
    service.platform.changes("default", 0, 100)


def begin_webhook(service: Service, _: str) -> None:
    service.platform.webhook.begin()


def tell(service: Service, _: str) -> None:
    """Everything is taken."""
    with_receiver(service).run()


def replay(service: Service, _: str) -> None:
    with_receiver(service).replay(None, [])


def with_receiver(service: Service) -> Webhook:
    known = service.platform.webhook
    return Webhook(known.context, known.receivers, lambda *_: 204)


def offer(service: Service, _: str) -> None:
    service.platform.arrivals.offer(Visitor("default", SAM))


def enter(service: Service, ticket: str) -> None:
    """A ticket that was taken by a browser which never heard of it is of no use any more."""
    with suppress(ArrivalError):
        service.platform.arrivals.enter(ticket)


def speak(service: Service, cookie: str) -> None:
    visit = service.platform.arrivals.visit(cookie)
    assert visit is not None
    service.platform.arrivals.speak(visit, "de")


def leave(service: Service, cookie: str) -> None:
    visit = service.platform.arrivals.visit(cookie)
    if visit is not None:
        service.platform.arrivals.leave(visit)


def consent(service: Service, person: str) -> None:
    """Lena consents as this person, and confirms when that is another address than hers."""
    visit, waits = come_back(service, person)
    if waits:
        waiting = service.platform.consents.waiting(visit)
        assert waiting is not None
        assert service.platform.consents.confirm(visit, waiting.id)
    sync(service)


def decline(service: Service, person: str) -> None:
    visit, _ = come_back(service, person)
    waiting = service.platform.consents.waiting(visit)
    assert waiting is not None
    service.platform.consents.decline(visit, waiting.id)
    sync(service)


def come_back(service: Service, person: str) -> tuple[Visit, bool]:
    """Lena's browser after Google, and whether she is to confirm."""
    url = service.platform.arrivals.offer(Visitor("default", LENA)).url
    _, visit = service.platform.arrivals.enter(url.partition("ticket=")[2])
    consents = service.platform.consents
    params = returned(browser_consent(consents.begin(visit, "google"), person))
    return visit, consents.finish(visit, "google", params).step == "confirm"


def calls_inside(service: Service, _: str) -> None:
    """A mistake, and nobody hears of it: proves that such a process is found out."""
    (poller, _gap), *_others = service.pollers
    with service.store.read(), suppress(AssertionError):
        next(poller.source.changes(None))


ACTS: dict[str, Callable[[Service, str], None]] = {
    "sync": sync,
    "calls_inside": calls_inside,
    "run": run,
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
    "clean": clean,
    "push": push,
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
    "consent": consent,
    "decline": decline,
}
