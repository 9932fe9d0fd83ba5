"""Where booked sessions come from: polled sources, and the platform's own calls."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from calsync.config import Config
from calsync.config.source_section import MapSection, SourceSection
from calsync.errors import ConfigError, InputError
from calsync.ingest.intake import Ground, Intake
from calsync.ingest.poll import Poller
from calsync.ingest.push import Pusher
from calsync.ports import BodyReader, SampledSource, SessionSource
from calsync.runtime.context import Context
from calsync.sources.file import FileSource
from calsync.sources.http import HttpSource
from calsync.sources.mapping.inbound import MappedBodies
from calsync.sources.mapping.mapping import MapSettings
from calsync.sources.mapping.source import MappedSource
from calsync.sources.push import PushSource
from calsync.sources.raw import reading_code
from calsync.sources.sql.source import SqlSource
from providers.http.transport import Transport, retry_after
from providers.http.watchdog import Watchdog

FEED_PAGE_BYTES = 16_000_000


def make_pollers(config: Config, context: Context, watchdog: Watchdog) -> list[Poller]:
    """What reads each polled source."""
    polled = [one for one in config.source if one.kind != "push"]
    return [_poller(context, one, make_source(one, watchdog)) for one in polled]


def make_pushers(config: Config, context: Context) -> dict[str, Pusher]:
    """What takes in the platform's calls, by tenant."""
    found = {}
    for one in config.source:
        if one.kind == "push":
            utc = one.times == "utc"
            reads = PushSource(
                one.name,
                one.tenant,
                strict=one.strict,
                max_participants=one.max_participants,
                utc=utc,
            )
            found[one.tenant] = Pusher(_intake(context, reads), reads)
    return found


def make_body_reader(config: SourceSection) -> BodyReader | None:
    """What reads the bodies of the source's webhook; None where its mapping says nothing of
    them."""
    if not config.map.inbound:
        return None
    return MappedBodies(
        config.tenant,
        _mapping(config.map),
        strict=config.strict,
        utc=config.times == "utc",
        max_participants=config.max_participants,
    )


def named_source(config: Config, name: str) -> SampledSource:
    """The polled source of this name, without a ledger. Raises InputError when there is none."""
    known = {one.name: one for one in config.source}
    if name not in known:
        names = ", ".join(known) or "none yet"
        raise InputError(f"no source is called {name!r}; the configured ones are: {names}")
    if known[name].kind == "push":
        raise InputError(
            f"source {name} is not read: the platform sends its sessions; to check some of them, "
            "write them to a file and run `calsync validate FILE`"
        )
    return make_source(known[name], Watchdog())


def _poller(context: Context, config: SourceSection, source: SessionSource) -> Poller:
    gap, gone = timedelta(seconds=config.sweep_gap), timedelta(seconds=config.gone_after)
    every = float(config.poll_seconds)
    return Poller(
        _intake(context, source),
        source,
        sweep_gap=gap,
        gone_after=gone,
        every=every,
        code=reading_code,
    )


def _intake(context: Context, source: SessionSource) -> Intake:
    return Intake(
        context.store,
        context.vault,
        source.name,
        source.tenant,
        partial(_ground, context),
        context.at,
    )


def _ground(context: Context, tenant: str) -> Ground:
    known = context.tenant(tenant)
    return Ground(known.guard, known.domains, known.mail_lanes)


def make_source(config: SourceSection, watchdog: Watchdog) -> SampledSource:
    """The source one `[[source]]` table describes."""
    overlap, utc = config.overlap_seconds, config.times == "utc"
    if config.kind == "file" and config.path:
        return FileSource(
            config.name,
            config.tenant,
            config.path,
            overlap_seconds=overlap,
            strict=config.strict,
            max_participants=config.max_participants,
            utc=utc,
        )
    if config.kind == "sql" and config.url and config.query:
        return SqlSource(
            config.name,
            config.tenant,
            config.url.get_secret_value(),
            config.query,
            participants_query=config.participants_query or None,
            overlap_seconds=overlap,
            strict=config.strict,
            max_participants=config.max_participants,
            utc=utc,
            updated_at_zone=config.updated_at_zone,
        )
    if config.kind == "http" and config.url and config.map.used:
        return MappedSource(
            config.name,
            config.tenant,
            config.url.get_secret_value(),
            config.token.get_secret_value(),
            Transport(watchdog, ca_file=config.ca_file or None, max_bytes=FEED_PAGE_BYTES),
            retry_after,
            _mapping(config.map),
            overlap_seconds=overlap,
            strict=config.strict,
            max_participants=config.max_participants,
            utc=utc,
        )
    if config.kind == "http" and config.url:
        return HttpSource(
            config.name,
            config.tenant,
            config.url.get_secret_value(),
            config.token.get_secret_value(),
            Transport(watchdog, ca_file=config.ca_file or None, max_bytes=FEED_PAGE_BYTES),
            retry_after,
            strict=config.strict,
            max_participants=config.max_participants,
            utc=utc,
        )
    raise ConfigError(
        [
            f"source {config.name}: kind {config.kind!r} is not available; use file with path, "
            "sql with url and query, or http with url"
        ]
    )


def _mapping(section: MapSection) -> MapSettings:
    values = {name: getattr(section, name) for name in MapSection.model_fields}
    return MapSettings(**values | {"password": section.password.get_secret_value()})
