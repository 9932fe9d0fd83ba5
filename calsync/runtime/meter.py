"""What a process counts of its own doings: plain numbers, which `/metrics` shows (docs/metrics.md).

Nothing is asked of a library to count, so that commands count like a daemon and none of them waits
for one to be loaded. Labels hold words of calsync and names of the configuration, never a person.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

Series = tuple[str, ...]  # the values of an instrument's labels

CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SHOWN_SECONDS = (1, 5, 15, 30, 60, 120, 300, 900, 3600, 21600, 86400)
POLL_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One thing that is counted, or measured where it has `buckets`: their upper bounds, in
    seconds."""

    name: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


DELIVERIES = Instrument(
    "calsync_deliveries",
    "Calls that create, change or withdraw an event or invitation, by what came of them.",
    ("channel", "do", "outcome"),
)
SHOWN = Instrument(
    "calsync_booking_to_event_seconds",
    "From when calsync read a booking or a material change to when it was in the calendar or mail.",
    ("channel",),
    SHOWN_SECONDS,
)
REQUESTS = Instrument(
    "calsync_provider_requests",
    "Calls to calendar and mail servers, by what they were for and how they were answered.",
    ("channel", "call", "answer"),
)
REQUEST_SECONDS = Instrument(
    "calsync_provider_request_seconds",
    "How long calls to calendar and mail servers took.",
    ("channel", "call"),
    CALL_SECONDS,
)
MAILS = Instrument(
    "calsync_mails",
    "Mails handed to a mail server, by how it answered.",
    ("mail", "answer"),
)
WEBHOOKS = Instrument(
    "calsync_webhook_calls",
    "Calls of the platform's webhook, by how it answered.",
    ("answer",),
)
POLLS = Instrument(
    "calsync_polls",
    "Times that a source was read, by whether it could be.",
    ("source", "outcome"),
)
POLL_TIME = Instrument(
    "calsync_poll_seconds",
    "How long it took to read a source.",
    ("source",),
    POLL_SECONDS,
)
COUNTERS = (DELIVERIES, REQUESTS, MAILS, WEBHOOKS, POLLS)
HISTOGRAMS = (SHOWN, REQUEST_SECONDS, POLL_TIME)


@dataclass(slots=True)
class Measured:
    """How many values there were, by the first bucket that each fits into (one more for those
    that fit into none), and what they add up to."""

    counts: list[int]
    total: float = 0.0


class Meter:
    """The numbers of one process, since it began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[Instrument, Series], int] = {}
        self._measured: dict[tuple[Instrument, Series], Measured] = {}

    def count(self, what: Instrument, *labels: str) -> None:
        """One more."""
        with self._lock:
            self._counted[what, labels] = self._counted.get((what, labels), 0) + 1

    def observe(self, what: Instrument, seconds: float, *labels: str) -> None:
        """One more that took so long."""
        place = sum(seconds > bound for bound in what.buckets)
        with self._lock:
            known = self._measured.setdefault(
                (what, labels), Measured([0] * (len(what.buckets) + 1))
            )
            known.counts[place] += 1
            known.total += seconds

    def counted(self, what: Instrument) -> Mapping[Series, int]:
        """How many, by the values of the labels."""
        with self._lock:
            return {labels: n for (one, labels), n in self._counted.items() if one == what}

    def measured(self, what: Instrument) -> Mapping[Series, Measured]:
        """Copies of what was measured, by the values of the labels."""
        with self._lock:
            return {
                labels: Measured(list(one.counts), one.total)
                for (known, labels), one in self._measured.items()
                if known == what
            }
