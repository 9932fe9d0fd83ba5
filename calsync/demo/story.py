"""The demo: eight people, three sessions, and everything that can happen to them.

The production daemon runs as its own process; only its configuration points at loopback servers.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calsync import output
from calsync.accounts import connect
from calsync.bootstrap import assembly
from calsync.bootstrap.components import Components
from calsync.config import load
from calsync.core.visit import Visitor
from calsync.demo.cast import (
    CAST,
    JONAS,
    KOFI,
    LENA,
    MAYA,
    OLIVIA,
    PRIYA,
    SAM,
    TOMAS,
    DemoPlatform,
    Someone,
)
from calsync.demo.feed import Feed, serving
from calsync.demo.servers import daemon, free_port, radicale
from calsync.errors import CalsyncError
from calsync.ops import commands
from calsync.runtime.context import Context
from calsync.sandbox import Mail, Sandbox
from calsync.store.ledger import deliveries, notices, people, sessions
from calsync.store.vault import new_key

QUIET_SECONDS = 30.0
PASSWORD = "app-password"  # noqa: S105  (of a server that lives as long as the demo)
GOOGLE, OUTLOOK = (MAYA, PRIYA, KOFI), (OLIVIA, JONAS)


@dataclass
class Stage:
    """Everything the story needs while it runs."""

    sandbox: Sandbox
    platform: DemoPlatform
    installation: Components
    mails: dict[str, int] = field(default_factory=dict)


def run(*, once: bool, as_json: bool) -> None:
    """Play the story; afterwards serve the page until Ctrl-C, on a terminal and without --once."""
    began = time.monotonic()
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="calsync-demo-") as name:
        stage = _set_up(stack, Path(name), quiet=as_json)
        told = [_play(stage, title, act, quiet=as_json) for title, act in _acts(stage)]
        if as_json:
            output.as_json({"seconds": round(time.monotonic() - began, 1), "steps": told})
            return
        output.line(f"{len(told)} steps in {time.monotonic() - began:.0f} seconds")
        if once or not sys.stdout.isatty():
            return
        output.line(f"What everybody sees now: {stage.sandbox.url}/  (Ctrl-C ends the demo)")
        with suppress(KeyboardInterrupt):
            offer_links(lambda who: _way_in(stage, who), sys.stdin)
            while True:
                time.sleep(3600)
        output.line()


def offer_links(way_in: Callable[[Someone], str], typed: Iterable[str]) -> None:
    """Print the links to two people's pages, and new ones for each line that is typed: a link opens
    once, within 15 minutes."""
    _print_links(way_in)
    output.line("Each link works once, for 15 minutes; press Enter for new ones")
    for _ in typed:
        _print_links(way_in)


def _print_links(way_in: Callable[[Someone], str]) -> None:
    for who in (LENA, MAYA):
        output.line(f"Connect a calendar as {who.name}: {way_in(who)}")


def _set_up(stack: ExitStack, folder: Path, *, quiet: bool) -> Stage:
    sandbox = stack.enter_context(Sandbox())
    for one in CAST:
        _add(sandbox, one, google=one in GOOGLE, outlook=one in OUTLOOK)
    calendar = stack.enter_context(radicale(folder, "tomas", PASSWORD))
    sandbox.register_view(TOMAS.email, calendar, username="tomas", password=PASSWORD)
    platform = DemoPlatform(folder / "sessions.jsonl")
    feed = stack.enter_context(serving(platform.fed))
    config = _write_config(folder, sandbox, feed)
    _make_ledger(config)
    made = assembly.build(load(config, {}))
    stack.callback(made.close)
    _connect(made.context, sandbox, MAYA)
    granted = {"refresh_token": sandbox.grant_outlook(OLIVIA.email)}
    connect.add(made.context, "default", "outlook", OLIVIA.email, granted)
    connect.add(
        made.context,
        "default",
        "caldav",
        TOMAS.email,
        {"url": calendar, "username": "tomas", "password": PASSWORD},
    )
    connect.add(
        made.context,
        "default",
        "google",
        KOFI.email,
        {
            "refresh_token": sandbox.grant(KOFI.email),
            "scopes": "https://www.googleapis.com/auth/calendar.events.freebusy",
        },
    )
    platform.file.touch()
    stack.enter_context(daemon(config, folder / "daemon.log"))
    if not quiet:
        output.line("Eight people and where they look:")
        output.table(
            [{"who": one.name, "address": one.email, "looks": one.looks_in} for one in CAST],
            {"who": "person", "address": "address", "looks": "looks in"},
        )
        output.line(f"Watch them at {sandbox.url}/")
    return Stage(sandbox, platform, made)


def _way_in(stage: Stage, who: Someone) -> str:
    """A URL that opens this person's own page, once; and an account for them to choose there."""
    _add(stage.sandbox, who, google=True, outlook=True)
    return stage.installation.web.arrivals.offer(Visitor("default", who.email, who.name)).url


def _add(sandbox: Sandbox, who: Someone, *, google: bool, outlook: bool = False) -> None:
    sandbox.add_person(who.email, name=who.name, time_zone=who.zone, google=google, outlook=outlook)


def _make_ledger(config: Path) -> None:
    with closing(assembly.build(load(config, {}), schema_ready=False)) as made:
        commands.upgrade(made.context)


def _connect(context: Context, sandbox: Sandbox, who: Someone) -> None:
    token = {"refresh_token": sandbox.grant(who.email)}
    connect.add(context, "default", "google", who.email, token)


def _write_config(folder: Path, sandbox: Sandbox, feed: Feed) -> Path:
    key_file, port = folder / "service-account.json", free_port()
    key_file.write_text(json.dumps(sandbox.make_service_account()), encoding="utf-8")
    settings: dict[str, dict[str, object]] = {
        "database": {"url": f"sqlite:///{folder / 'calsync.db'}"},
        "google": {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "service_account_file": str(key_file),
            "domains": ["corp.example"],
            "api_base": sandbox.url,
            "auth_uri": sandbox.auth_uri,
            "token_uri": sandbox.token_uri,
            "revoke_uri": sandbox.revoke_uri,
        },
        "outlook": {
            "client_id": sandbox.outlook_client_id,
            "client_secret": sandbox.outlook_client_secret,
            "tenant": sandbox.outlook_tenant,
            "domains": ["firm.example"],
            "authority": sandbox.url,
            "graph_base": sandbox.url,
        },
        "mail": {
            "host": sandbox.smtp_host,
            "port": sandbox.smtp_port,
            "security": "none",
            "sender": "sessions@platform.example",
            "sender_name": "Mentoring Platform",
            "organizer": "sessions@platform.example",
            "upcoming_to": "all",
        },
        "caldav": {"allow_private": True},
        "deliver": {"workers": 8},
        "web": {"public_url": f"http://127.0.0.1:{port}", "port": port, "ops_port": 0},
        "security": {"keys": [new_key()]},
    }
    lines = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    sources: tuple[dict[str, object], ...] = (
        {"name": "platform", "kind": "file", "path": str(folder / "sessions.jsonl")},
        {"name": "feed", "kind": "http", "url": feed.url, "token": feed.token},
    )
    for source in sources:
        lines += ["[[source]]", "poll_seconds = 1"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in source.items()]
    config = folder / "calsync.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def _acts(stage: Stage) -> Sequence[tuple[str, Callable[[], None]]]:
    platform, sandbox = stage.platform, stage.sandbox

    def lose_and_move() -> None:
        sandbox.revoke(MAYA.email)
        platform.move("ses-1001", minutes=30)

    return (
        ("Three sessions are booked", lambda: platform.write(*platform.records)),
        ("The first one moves by two hours", lambda: platform.move("ses-1001", hours=2)),
        (
            "The group's agenda is edited: calendars follow, nobody is mailed",
            lambda: platform.edit_agenda("ses-2001", "Introductions, then **one goal each**."),
        ),
        ("Lena leaves the group", lambda: platform.remove("ses-2001", LENA)),
        ("Sam connects Google: his sessions move there", lambda: _join(stage, SAM)),
        ("Olivia moves from Outlook to Google, and so do hers", lambda: _join(stage, OLIVIA)),
        ("Maya's connection dies, and her session moves: a mail reaches her", lose_and_move),
        ("A session starts in a day: a mail tells both of it", lambda: _announce(stage)),
        ("The group session is cancelled", lambda: platform.cancel("ses-2001")),
    )


def _announce(stage: Stage) -> None:
    """Book a session for a day and a few seconds from now, and wait until its day has come."""
    both = (SAM, LENA)
    stage.platform.book_soon("ses-4001", datetime.now(UTC) + timedelta(days=1, seconds=8), both)
    end = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < end:
        if all(any(map(_is_upcoming, stage.sandbox.mails(one.email))) for one in both):
            return
        time.sleep(0.1)
    raise CalsyncError("the demo's daemon sent no Upcoming Session mail; its log tells why")


def _is_upcoming(mail: Mail) -> bool:
    return "\nList-Unsubscribe:" in mail.raw


def _join(stage: Stage, who: Someone) -> None:
    _add(stage.sandbox, who, google=True, outlook=who in OUTLOOK)
    _connect(stage.installation.context, stage.sandbox, who)


def _play(stage: Stage, title: str, act: Callable[[], None], *, quiet: bool) -> dict[str, Any]:
    stage.sandbox.forget_requests()
    with stage.installation.context.store.read() as db:
        began = db.now
    act()
    _until_quiet(stage, began)
    people = [_seen(stage, one) for one in CAST]
    if not quiet:
        output.line()
        output.table(
            people,
            {
                "person": "person",
                "channel": "by",
                "sees": "sees now",
                "requests": "requests",
                "mails": "mails",
            },
            title,
        )
    return {"step": title, "people": people}


def _until_quiet(stage: Stage, began: datetime) -> None:
    """A poll of each source has ended since, and nothing is due or in flight. Mailed changes need
    not settle."""
    end = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < end:
        with stage.installation.context.store.write() as db:
            rows = [sessions.cursor(db, name) for name in ("platform", "feed")]
            polled = all(row and row["last_ok"] and row["last_ok"] > began for row in rows)
            hurried = deliveries.end_debounce(db) if polled else 0
            busy = deliveries.any_open(db) or notices.any_open(db)
        if polled and not hurried and not busy:
            return
        time.sleep(0.1)
    raise CalsyncError("the demo's daemon did not come to rest; its log tells why")


def _seen(stage: Stage, who: Someone) -> dict[str, Any]:
    shown = stage.sandbox.shown(who.email)
    mails = stage.sandbox.mails(who.email)
    before, stage.mails[who.email] = stage.mails.get(who.email, 0), len(mails)
    made = [stage.sandbox.counts(path).get(who.email, {}) for path in ("/events", "/$batch")]
    requests = Counter(made[0]) + Counter(made[1])
    return {
        "person": who.name,
        "channel": _channel(stage, who),
        "sees": "\n".join(
            f"{one.starts_at.astimezone(stage.platform.zone):%a %d %b %H:%M} {one.title}"
            for one in shown
        )
        or "nothing",
        "events": len(shown),
        "requests": ", ".join(f"{n} {method}" for method, n in sorted(requests.items())),
        "mails": ", ".join(
            mail.method or ("upcoming" if _is_upcoming(mail) else "notice")
            for mail in mails[before:]
        ),
    }


def _channel(stage: Stage, who: Someone) -> str:
    with stage.installation.context.store.read() as db:
        return ", ".join(people.channels(db, who.email))
