"""Ledgers of any size, whose rows are made in SQL: nobody has to deliver them first."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from calsync.core.booked import BookedSession, Status
from calsync.core.content.event import DesiredEvent, event_to_json
from calsync.store.database import Store
from calsync.store.ledger.sessions import to_json
from tests.bench.ground import Ground

# Sessions a minute apart, half of them over; everybody has one in 50 of them. All are shown.
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series(0, :last)) ",
}
TIME = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', julianday(:now) + ({}) / 1440.0) || '000'",
    "postgresql": "CAST(:now AS timestamptz) + ({}) * interval '1 minute'",
}
DAYS_BEFORE = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S+00:00', updated_at, '-' || n || ' days')",
    "postgresql": "updated_at - n * interval '1 day'",
}
STARTS = "(i - :last / 2) * 1.0"
BEGINS = datetime(2026, 12, 1, 9, tzinfo=UTC)
RECORD = to_json(
    BookedSession(
        *("s", "default", BEGINS, Status.BOOKED),
        title="x" * 600,
        starts_at=BEGINS,
        ends_at=BEGINS + timedelta(hours=1),
        time_zone="America/Toronto",
    )
)
CONTENT = event_to_json(  # of an event, as earlier versions and PostgreSQL keep it
    DesiredEvent(
        title="Session",
        starts_at=BEGINS,
        ends_at=BEGINS + timedelta(hours=1),
        time_zone="America/Toronto",
        location="https://zoom.us/j/1",
        join_url="https://zoom.us/j/1",
        url="https://app.example.org/s/1",
        text="x" * 250,
        html="x" * 250,
        private=False,
        locale="en",
        material_fp="1.0123456789abcdef",
        quiet_fp="1.0123456789abcdef",
    )
)


def grow(store: Store, count: int, *, people: int = 50) -> None:
    """Give an empty ledger so many sessions, each shown to one person of the tenant `default` in
    Google Calendar."""
    kind = store.engine.dialect.name
    numbers, time = NUMBERS[kind], TIME[kind].format
    starts, ends, past = time(STARTS), time(f"{STARTS} + 45"), time("-100000.0")
    who, ident = f"(i % (:last / {people} + 1))", "'s' || i"
    text = {"content": "CAST(:content AS text)", "fp": "'1.0123456789abcdef'"}
    key = f"'default', {ident}, 'p' || {who}"
    rows = {
        "booked_session (tenant, id, source, updated_at, digest, status, program, starts_at,"
        " ends_at, record, stored_at, taken_back)": f"SELECT 'default', {ident}, 'platform',"
        f" {past}, 'd', 'booked', 'p', {starts}, {ends}, CAST(:record AS text), {past}, false",
        "delivery (tenant, session, participant, email, person, want, content, material_fp,"
        " quiet_fp, starts_at, ends_at, channel, account, address, place_key, version,"
        " material_version, slot, priority, attempts, look_at)": f"SELECT {key},"
        f" 'p' || {who} || '@example.org', '', 'present', {text['content']}, {text['fp']},"
        f" {text['fp']}, {starts}, {ends}, 'google', 'a' || {who}, 'a', 'google:' || {who}, 1, 1,"
        f" 'account:a' || {who}, 1, 0, CASE WHEN i > :last / 2 + 2000 THEN {starts} END",
        "copy (tenant, session, participant, n, uid, channel, account, address, place_key, state,"
        " organizer, sequence, material_fp, quiet_fp, replace, holds, looks_done, generation,"
        " recovered, refusals, changed_at, last_attempt, remote_id)": f"SELECT {key}, 1, 'u' || i,"
        f" 'google', 'a' || {who}, 'a', 'google:' || {who}, 'live', '', 0, {text['fp']},"
        f" {text['fp']}, false, true, 0, 1, false, 0, {past}, i + 1, 'r' || i",
        'attempt (id, tenant, session, participant, n, "do", version, channel, account,'
        " material_fp, quiet_fp, outcome, started, deadline, sends, maybes, conflict)": "SELECT"
        f" i + 1, {key}, 1, 'create', 1, 'google', 'a' || {who}, {text['fp']}, {text['fp']}, 'yes',"
        f" {past}, {past}, 1, 0, false",
        "journal (at, tenant, session, participant, n, what, detail)": f"SELECT {past}, {key}, 1,"
        " 'sent', '{}'",
        "slot (slot, tenant, channel, account, failures)": f"SELECT DISTINCT 'account:a' || {who},"
        f" 'default', 'google', 'a' || {who}, 0",
        "lane (slot, lane)": f"SELECT DISTINCT 'account:a' || {who}, 0",
        "fact (ident, tenant, kind, at, session, participant, detail, number)": "SELECT 'f' || i,"
        f" 'default', 'delivered', {past}, {ident}, 'p' || {who}, '{{}}', i + 1",
    }
    with store.write() as db:
        now = db.now.strftime("%Y-%m-%d %H:%M:%S") if store.sqlite else db.now
        for into, select in rows.items():
            statement = f"INSERT INTO {into} {numbers}{select} FROM n"
            db.run(
                sa.text(statement),
                {"last": count - 1, "now": now, "content": CONTENT, "record": RECORD},
            )
        if not store.sqlite:  # the numbers that it gives go on behind these
            last = "SELECT setval(pg_get_serial_sequence('attempt', 'id'), :last)"
            db.run(sa.text(last), {"last": count})
        told = "INSERT INTO feed (tenant, last, purged) VALUES ('default', :last, 0)"
        db.run(sa.text(told), {"last": count})


def replace(ground: Ground, old: str, new: str) -> None:
    """Write something else into its configuration."""
    text = ground.config.read_text(encoding="utf-8")
    if old not in text:
        raise RuntimeError(f"the configuration has no {old}")
    ground.config.write_text(text.replace(old, new), encoding="utf-8")


def as_database(ground: Ground, count: int, url: str) -> str:
    """Make the source a table of so many sessions, which changed ten minutes apart."""
    ground.book(count)
    of_file = url.startswith("sqlite")
    source = f"sqlite:///{ground.folder / 'platform.db'}" if of_file else url
    engine, moment = sa.create_engine(source), ground.began - timedelta(days=30)
    kind = "text" if of_file else "timestamptz"
    rows = []
    for one in ground.records.values():
        moment += timedelta(minutes=10)
        one["updated_at"] = moment.isoformat()
        rows.append({"id": one["id"], "at": one["updated_at"], "record": json.dumps(one)})
    with engine.begin() as conn:
        conn.execute(
            sa.text(f"CREATE TABLE s (id text PRIMARY KEY, updated_at {kind}, record text)")
        )
        conn.execute(sa.text("CREATE INDEX ix_s ON s (updated_at)"))
        conn.execute(sa.text("INSERT INTO s VALUES (:id, :at, :record)"), rows)
    engine.dispose()
    query = "SELECT id, updated_at, record FROM s"
    table_of = f'kind = "sql"\nurl = {json.dumps(source)}\nquery = "{query}"'
    replace(ground, file_source(ground), table_of)
    return source


def file_source(ground: Ground) -> str:
    """What its configuration says of its source while that is a file."""
    return f'kind = "file"\npath = {json.dumps(str(ground.source))}'


def multiply(url: str, name: str, ident: str, times: int) -> None:
    """Every row so many times over, but the newest, which each poll reads again; rows of a source
    changed days apart."""
    engine = sa.create_engine(url)
    quoted = engine.dialect.identifier_preparer.quote
    names = [one["name"] for one in sa.inspect(engine).get_columns(name)]
    taken = [f"{ident} || '-' || n" if one == ident else quoted(one) for one in names]
    if name == "s":
        taken[names.index("updated_at")] = DAYS_BEFORE[engine.dialect.name]
    newest = "(SELECT id FROM s ORDER BY updated_at DESC LIMIT 1)"
    with engine.begin() as conn:
        if engine.dialect.name == "sqlite":
            conn.exec_driver_sql("PRAGMA cache_size = -400000")
        if name == "s":
            conn.execute(sa.text(f"CREATE TABLE newest AS {newest[1:-1]}"))
        elif engine.dialect.name == "sqlite":
            source = Path(str(engine.url.database)).with_name("platform.db")
            conn.exec_driver_sql(f"ATTACH '{source}' AS platform")
        conn.execute(
            sa.text(
                f"WITH RECURSIVE many(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM many "
                f"WHERE n < :times) INSERT INTO {name} ({', '.join(map(quoted, names))}) "
                f"SELECT {', '.join(taken)} FROM {name}, many "
                f"WHERE {ident} NOT IN (SELECT id FROM newest)"
            ),
            {"times": times},
        )
    engine.dispose()
