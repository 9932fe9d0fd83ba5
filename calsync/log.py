"""Log lines: one per action, a fixed event name and fields; never a secret, never content.

On a terminal a line is for people, elsewhere it is one JSON object. `at` is UTC. Fields named like
a secret or like content are masked, and texts are scrubbed of what looks like a credential, so
that a careless call or library does no harm.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO

Log = Callable[..., None]

# The level of every event (docs/logs.md). An error: somebody has to act. A warning: something did
# not work, and calsync goes on; look when it lasts.
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        "channel_stopped": "error",
        "consent_setup_fault": "error",
        "database_taken_over": "error",
        "job_failed": "error",
        "mass_account_loss": "error",
        "request_failed": "error",
        "unexpected_error": "error",
        "worker_failed": "error",
        "account_lost": "warning",
        "alert": "warning",
        "delivery_failed": "warning",
        "inbound_refused": "warning",
        "inspection_failed": "warning",
        "library": "warning",
        "listing_failed": "warning",
        "listing_unreadable": "warning",
        "look_up_failed": "warning",
        "many_dismissed": "warning",
        "operator_refused": "warning",
        "operator_sign_in_failed": "warning",
        "refused": "warning",
        "revocation_left_out": "warning",
        "source_failed": "warning",
        "webhook_failed": "warning",
        "admin_approved": "info",
        "consent": "info",
        "delivered": "info",
        "job_works_again": "info",
        "notice": "info",
        "polled": "info",
        "request": "info",
        "revocation": "info",
        "serving": "info",
        "source_busy": "info",
        "source_works_again": "info",
        "started": "info",
        "stopped": "info",
        "webhook_works_again": "info",
    }
)

HIDDEN = "(hidden)"
LONGEST = 500  # characters of one text; longer ones are cut
SECRET = re.compile(
    r"(agenda|assertion|authorization|body|content|cookie|credential|description|html|note"
    r"|password|passwd|secret|token|wire)s?",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_VALUE = r"""[^\s"'&,;}]"""
# What stands behind "the token:", "password:" and "basic" in texts that hold no secret. Any other
# word may be one: a masked word is looked up elsewhere, a password in a log has to be changed.
_ORDINARY = (
    r"(?:absent|already|authentication|authorization|blocked|cannot|changed|could|credentials|"
    r"denied|deprecated|does|empty|error|exceeded|expected|expired|failed|failure|fields?|found|"
    r"from|given|has|have|incomplete|incorrect|invalid|invalidated|invalid_grant|invalid_token|"
    r"login|malformed|mismatch|missing|must|needs?|none|null|only|refused|rejected|required|"
    r"revoked|scheme|should|this|tokens?|unauthorized|unknown|unset|unsupported|wants|were|will|"
    r"without|write|wrong)(?=[.,;:)]{0,3}(?:\s|$))"
)
# Secrets are masked where they stand as values: "basic authentication is switched off", "the
# token: expired" and "code=accessNotConfigured" hold none. Nothing here is scanned twice.
_CREDENTIALS = (
    re.compile(
        rf"""(\bauthorization["']?\s*[=:]\s*["']?(?:bearer|basic|token)\s+){_VALUE}+""",
        re.IGNORECASE,
    ),
    re.compile(rf"(\b(?:bearer|basic)\s+)(?!{_ORDINARY})[\w.~+/=-]{{6,}}", re.IGNORECASE),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
    re.compile(
        r"""(\b\w*(?:token|secret|password|passwd|assertion|api_?key|pwd|"""
        r"""(?:pass|user|device|auth|authorization|verification|access)[ _-]?code)["']?\s*"""
        rf"""(?:=\s*|:(?!\s+{_ORDINARY})\s*)["']?){_VALUE}{{4,}}""",
        re.IGNORECASE,
    ),
    re.compile(
        rf"""(\b\w*code["']?\s*[=:]\s*["']?)(?={_VALUE}{{0,64}}\d|{_VALUE}{{65}}){_VALUE}{{8,}}""",
        re.IGNORECASE,
    ),
)
_LOOKED_AT = 4000  # characters of a text that are searched for credentials
_VALUE_ENDS = re.compile(r"""[\s"'&,;}]""")
_OPEN_URL = re.compile(r"://[^/\s@]*\Z")


def configure(stream: TextIO, json: bool | None = None) -> Log:
    """Set logging up for this process and return `log(event, **fields)`, one line each, of the
    event's own level unless `level` says another one.

    json   JSON lines, or lines for people; None: people when `stream` is a terminal
    Libraries' own logs go the same way from WARNING up, as the event "library". A line that
    cannot be written is lost: logging stops nobody's work.
    """
    import structlog  # noqa: PLC0415 - 0.4 s that `calsync --help` does not need

    terminal = stream.isatty()
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json or (json is None and not terminal)
        else structlog.dev.ConsoleRenderer(colors=terminal, pad_level=False)
    )
    logger = structlog.wrap_logger(
        _Lines(stream),
        processors=[
            structlog.processors.add_log_level,
            clean,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key=_time_key(renderer)),
            renderer,
        ],
        wrapper_class=structlog.BoundLogger,
    )

    def log(event: str, /, level: str | None = None, **fields: Any) -> None:
        getattr(logger, level or LEVELS.get(event, "info"))(event, **fields)

    root = logging.getLogger()
    root.handlers = [_Library(logger)]
    root.setLevel(logging.WARNING)
    # Its warnings say that a job still ran when it was due again, which is what jobs may do.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return log


def _time_key(renderer: Any) -> str:
    # ConsoleRenderer shows only a "timestamp" in front of the event.
    return "timestamp" if type(renderer).__name__ == "ConsoleRenderer" else "at"


def clean(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask, scrub and flatten every field: the processor that makes a line safe to write."""
    return {name: HIDDEN if is_secret(name) else safe(value) for name, value in line.items()}


def is_secret(name: str) -> bool:
    """Whether a field of this name holds a secret or content: `refreshToken` does as well."""
    return any(SECRET.fullmatch(word) for word in _WORDS.findall(name))


def safe(value: Any) -> Any:
    """The value as plain JSON: no credentials in texts, no bytes, no control characters."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(value)} bytes)"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, Mapping):
        return {
            str(name): HIDDEN if is_secret(str(name)) else safe(one) for name, one in value.items()
        }
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return [safe(one) for one in value]
    is_error = isinstance(value, BaseException)
    return scrub(f"{type(value).__name__}: {value}" if is_error else str(value))


def scrub(text: str) -> str:
    """One line of at most 500 characters, without what looks like a credential."""
    shown = text if len(text) <= _LOOKED_AT else _whole_values(text[:_LOOKED_AT]) or HIDDEN
    for pattern in _CREDENTIALS:
        shown = pattern.sub(rf"\1{HIDDEN}", shown)
    line = "".join(one if one.isprintable() else " " for one in shown).strip()
    return line if len(line) <= LONGEST and len(text) <= _LOOKED_AT else line[:LONGEST] + "..."


def _whole_values(start: str) -> str:
    """The beginning of a text without what its cut has halved: half a secret has not its looks."""
    start = start[: max((one.end() for one in _VALUE_ENDS.finditer(start)), default=0)]
    return start[: _open_url(start)]


def _open_url(start: str) -> int:
    """Where the last address begins when its password may go on behind the cut; else the end."""
    begins = start.rfind("://")
    return begins if begins >= 0 and _OPEN_URL.match(start, begins) else len(start)


class _Lines:
    """Writes whole lines, one thread at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def msg(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        line = line.encode(encoding, "backslashreplace").decode(encoding)
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    info = warning = error = critical = debug = msg


class _Library(logging.Handler):
    """Hands a library's log record on; of an exception only what it is and says."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        fields = {"error": error} if error is not None else {}
        write = self._logger.error if record.levelno >= logging.ERROR else self._logger.warning
        write("library", library=record.name, text=text, **fields)
