"""Checks of what calsync talks to: providers, the mail server, sources, and its own address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from calsync.core.ledger import MAIL
from calsync.errors import ChannelError, Setup, beside_source
from calsync.ops.channel_findings import NAMES
from calsync.ops.doctor.registry import (
    Check,
    CheckAnswer,
    call_ends,
    error,
    not_checked,
    ok,
    warning,
)
from calsync.ops.doctor.surroundings import CLOCK_FAR, CLOCK_WRONG, ahead, in_words
from calsync.ops.results.command import to_type
from calsync.ports import HttpClient, Prober
from calsync.text.counted import counted
from calsync.text.hosts import is_loopback
from calsync.untrusted.values import http_date

SOON = timedelta(days=30)  # a certificate or secret that ends within it is told
SYNCHRONISE = "let NTP set this machine's clock"
Certificate = Callable[[str, int, float], datetime | None]  # of a host's port, by a deadline


@dataclass(frozen=True, slots=True)
class SourceSample:
    """What the first records of a source are: how many were tried, why some would be refused, and
    why it could not be read, or not to the end."""

    records: int
    refused: Sequence[str]
    warnings: Sequence[str]
    error: str | None


def source_check(name: str, sample: Callable[[], SourceSample]) -> Check:
    """The first records of a source, as they would be taken."""

    def run() -> Iterator[CheckAnswer]:
        yield of_sample(name, sample())

    return Check("sources", f"source {name}", run)


def of_sample(name: str, found: SourceSample) -> CheckAnswer:
    """What a source's first records mean."""
    look = to_type("source try", name)
    tried = counted(found.records, "record")
    if found.error:
        reason = beside_source(found.error, name)
        return error(f"cannot be read: {reason}", "check its path, url, query and sign-in")
    if found.refused:
        would = f"{len(found.refused)} of {tried} would be refused, first {found.refused[0]}"
        return warning(would, f"run `{look}`")
    if found.warnings:
        return warning(f"{tried} tried; {found.warnings[0]}", f"run `{look}`")
    if not found.records:
        return warning("it has no records", "check its path, url or query if there should be some")
    return ok(f"{tried} tried, none would be refused")


def pushed_source(name: str) -> Check:
    """A source that is not read."""
    why = "the platform sends its sessions"
    return Check("sources", f"source {name}", lambda: [not_checked(why)])


def probe_check(
    tenant: str, provider: str, prober: Prober, secret_ends: date | None = None
) -> Check:
    """What a provider says to what the configuration says of it."""
    named = NAMES.get(provider, provider)
    of = "" if tenant == "default" else f" of tenant {tenant}"
    checked = f"mail server{of}" if provider == MAIL else f"client of {named}{of}"

    def run() -> Iterator[CheckAnswer]:
        if secret_ends is not None:
            end = datetime.combine(secret_ends, time(), UTC)
            yield of_end(end, datetime.now(UTC), f"{provider}.client_secret")
        asked = datetime.now(UTC)
        try:
            said = prober.probe(call_ends())
        except Setup as problem:
            yield error(problem.reason, f"correct the settings of [{provider}]")
            return
        except ChannelError as problem:
            yield error(problem.reason, "look whether it can be reached from this machine")
            return
        yield ok(f"it {said.said}")
        now = datetime.now(UTC)
        if said.certificate_end is not None:
            yield of_end(said.certificate_end, now, f"certificate for {named}")
        if said.server_time is not None:
            yield of_clock(said.server_time, asked, now, named)

    return Check(provider, checked, run)


def of_end(end: datetime, now: datetime, what: str) -> CheckAnswer:
    """What it means that this certificate or secret ends then."""
    renew = "renew it, and write the new one into the configuration"
    if end <= now:
        return error(f"it ended on {end:%Y-%m-%d}", renew, what)
    if end - now < SOON:
        return warning(f"it ends on {end:%Y-%m-%d}", renew, what)
    return ok(f"it ends on {end:%Y-%m-%d}", what)


def of_clock(told: datetime, asked: datetime, now: datetime, whose: str) -> CheckAnswer:
    """What another clock, which tells whole seconds, means for ours."""
    off = ahead(told, asked - timedelta(seconds=1), now)
    checked = f"clock of {whose}"
    if abs(off) < CLOCK_WRONG:
        return ok("it agrees with this machine's", checked)
    which = "ahead of" if off > timedelta() else "behind"
    text = f"this machine's clock is {in_words(abs(off))} {which} it"
    is_far = abs(off) >= CLOCK_FAR
    return (error if is_far else warning)(text, SYNCHRONISE, checked)


def public_url_check(url: str, http: HttpClient, certificate: Certificate) -> Check:
    """Whether calsync answers at the address that it gives to people and providers."""

    def run() -> Iterator[CheckAnswer]:
        if not url:
            yield not_checked("it is not set: no page and no API are served")
            return
        asked = datetime.now(UTC)
        try:
            page = f"{url.rstrip('/')}/api/openapi.json"
            got = http.call(method="GET", url=page, headers={}, body=None, until=call_ends())
        except Setup as problem:
            yield error(problem.reason, "correct the address, or the certificate there")
            return
        except ChannelError as problem:
            yield warning(
                f"not reached from this machine: {problem.reason}",
                "start `calsync run` or `calsync web`, and look at the proxy and the DNS entry",
            )
            return
        yield _as_calsync(got.status, got.body)
        now = datetime.now(UTC)
        told = http_date(got.headers.get("date", ""))
        if told is not None:
            yield of_clock(told, asked, now, "web.public_url")
        parts = urlsplit(url)
        if parts.scheme == "https":
            end = certificate(parts.hostname or "", parts.port or 443, call_ends())
            if end is not None:
                yield of_end(end, now, "certificate of web.public_url")

    return Check("web", "web.public_url", run)


def _as_calsync(status: int, body: bytes) -> CheckAnswer:
    try:
        answers = status == 200 and json.loads(body)["info"]["title"] == "calsync"
    except (ValueError, KeyError, TypeError, RecursionError):
        answers = False
    if answers:
        return ok("calsync answers there")
    return error(
        f"something else answers there, with status {status}",
        "have the proxy hand every path of this host to web.port, with its Host header",
    )


def redirects_check(uris: Sequence[str]) -> Check:
    """Where providers send browsers back; only their own consoles know what is registered."""

    def run() -> Iterator[CheckAnswer]:
        for uri in uris:
            parts = urlsplit(uri)
            if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                yield error("providers take https only", "correct web.public_url", uri)
            else:
                yield not_checked(
                    "which addresses are registered is known to the provider alone",
                    "look whether exactly this address is registered for the client there",
                    uri,
                )

    return Check("web", "redirect URIs", run)


def configuration_check(
    *,
    sources: int,
    writes: Sequence[str],
    dry_run: bool,
    only_to: Sequence[str],
    exposed: str | None,
) -> Check:
    """What the configuration leaves out, on purpose or not. `writes`: the channels that are set up;
    `only_to`: tenants that write to some people alone; `exposed`: the file that everybody may
    read."""

    def run() -> Iterator[CheckAnswer]:
        yield ok("it can be read, and every setting is known")
        if not sources:
            yield warning(
                "no source is named",
                "add a [[source]] (docs/configuration.md); `calsync recipe list` has ready ones",
            )
        if MAIL not in writes:
            todo = "set mail.host and mail.sender"
            yield warning("no mail server is named: who connects no calendar gets nothing", todo)
        if dry_run:
            yield warning("deliver.dry_run is set: nothing is sent", "remove it when you are ready")
        for tenant in only_to:
            todo = "remove it when everybody is to be served"
            yield warning(f"tenant {tenant} serves only the people in deliver.only_to", todo)
        if exposed is not None:
            yield warning(f"every user of this machine can read {exposed}", "run `chmod o=` on it")

    return Check("configuration", "settings", run)


def failed_check(area: str, checked: str, problem: str, todo: str = "") -> Check:
    """Something that is known to be wrong."""
    return Check(area, checked, lambda: [error(problem, todo)])


def left_out(area: str, checked: str, why: str) -> Check:
    """What cannot be checked for something that is told elsewhere."""
    return Check(area, checked, lambda: [not_checked(why)])
