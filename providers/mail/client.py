"""Sending one mail by SMTP over reused connections, with a total deadline.

What a caller may conclude from a lost connection depends on one instant: when the message's first
byte was written. Before it the server certainly did nothing; after it, it may have done it all.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from calsync.errors import ChannelError, Happened, TryLater
from providers.http.certificates import peer_certificate_end
from providers.http.connections import TimedCall
from providers.http.watchdog import Watchdog
from providers.mail.connection import Smtp, open_connection, tls_context
from providers.mail.replies import queue_id, refusal
from providers.mail.settings import MailSettings
from providers.mail.signing import signed

MAILS_PER_CONNECTION = 100
IDLE_SECONDS = 60.0


@dataclass(slots=True)
class KeptConnection:
    """One open connection and what it was used for."""

    smtp: Smtp
    mails: int = 0
    used: float = 0.0

    def worn(self, now: float) -> bool:
        return self.mails >= MAILS_PER_CONNECTION or now - self.used > IDLE_SECONDS

    def hang_up(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.smtp.putcmd("quit")
        self.smtp.close()


class SmtpClient:
    """Shared by all worker threads: each call has one connection to itself, idle ones are kept."""

    def __init__(self, settings: MailSettings, watchdog: Watchdog) -> None:
        self._settings, self._watchdog = settings, watchdog
        self._lock = threading.Lock()
        self._idle: list[KeptConnection] = []
        self._context: ssl.SSLContext | None = None

    def deliver(
        self,
        recipient: str,
        message: bytes,
        until: float,
        still_ours: Callable[[], bool] = lambda: True,
    ) -> str | None:
        """Hand one message to the server for one recipient, as `Address` writes it; returns the
        server's queue id if it told one.

        Over by `until` (`time.monotonic()`), or after `timeout_seconds`; only the system's name
        resolution cannot be interrupted. `still_ours` is asked right before the message is
        written. Raises TryLater, Refused or Setup.
        """
        message = _lines(message)
        if self._settings.dkim is not None:
            message = signed(message, self._settings.dkim)
        call = TimedCall(min(until, time.monotonic() + self._settings.timeout_seconds))
        with call.running(self._watchdog):
            while True:
                kept = self._take(call)
                try:
                    text = Transaction(kept.smtp, call, begins=kept.mails == 0).run(
                        self._settings.sender, recipient, message, still_ours
                    )
                    return queue_id(text)
                except StaleConnectionError:
                    kept.hang_up()
                finally:
                    self._give_back(kept)

    def sign_in(self, until: float) -> datetime | None:
        """Connect and sign in as for a mail, and end the connection; until when the server's
        certificate is good, None without TLS. Raises TryLater or Setup."""
        call = TimedCall(min(until, time.monotonic() + self._settings.timeout_seconds))
        with call.running(self._watchdog):
            smtp = open_connection(self._settings, call, tls_context(self._settings))
            end = peer_certificate_end(smtp.sock)
            KeptConnection(smtp).hang_up()
        return end

    def close(self) -> None:
        """End the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for kept in idle:
            kept.hang_up()

    def _take(self, call: TimedCall) -> KeptConnection:
        """An idle connection, or a new one."""
        while (kept := self._pop()) is not None:
            sock = kept.smtp.sock
            if sock is not None and not kept.worn(time.monotonic()) and not call.over:
                call.guard(sock)
                sock.settimeout(call.left())
                return kept
            kept.hang_up()
        if self._context is None:
            self._context = tls_context(self._settings)
        return KeptConnection(open_connection(self._settings, call, self._context))

    def _pop(self) -> KeptConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, kept: KeptConnection) -> None:
        if kept.smtp.sock is None:
            return
        kept.mails, kept.used = kept.mails + 1, time.monotonic()
        with self._lock:
            worn = [one for one in self._idle if one.worn(kept.used)]
            self._idle = [one for one in self._idle if not one.worn(kept.used)] + [kept]
        for one in worn:
            one.hang_up()


class StaleConnectionError(Exception):
    """A kept connection did not answer RSET: a server may close an idle one whenever it likes.
    Nothing was done."""


class Transaction:
    """One mail on an open connection; closes it unless it can be used again.

    begins  nothing was sent over it yet. Any other begins with RSET, which shows that it still
            answers and ends what a mail that was refused has begun
    """

    def __init__(self, smtp: Smtp, call: TimedCall, *, begins: bool = True) -> None:
        self._smtp, self._call, self._begins = smtp, call, begins
        self._phase = "mail" if begins else "rset"

    def run(
        self, sender: str, recipient: str, message: bytes, still_ours: Callable[[], bool]
    ) -> bytes:
        """The server's words when it took the mail."""
        try:
            return self._steps(sender, recipient, message, still_ours)
        except (ChannelError, StaleConnectionError):
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            if self._phase == "rset":
                raise StaleConnectionError from None
            raise self._lost(error) from None  # the library's text may quote what was sent
        except BaseException:
            self._smtp.close()
            raise

    def _steps(
        self, sender: str, recipient: str, message: bytes, still_ours: Callable[[], bool]
    ) -> bytes:
        self._envelope(sender, recipient)
        self._phase = "data"
        if not still_ours():
            raise TryLater("data: not ours to send any more", happened="no", scope="copy")
        self._nothing_more()
        self._expect(3, self._smtp.docmd("data"))
        self._nothing_more()
        self._phase = "body"
        self._smtp.send(_dotted(message))
        return self._expect(2, self._smtp.getreply())

    def _envelope(self, sender: str, recipient: str) -> None:
        """Sender and recipient, in one write where the server takes several commands at once (RFC
        2920). Each command's answer is read, whatever the ones before it said: what is left unread
        would be taken for the answer to a later one."""
        commands = {
            "mail": f"mail FROM:{_quoted(sender)}",
            "rcpt": f"rcpt TO:<{recipient}>",
        }
        if not self._begins:
            commands = {"rset": "rset", **commands}
        if not self._smtp.has_extn("pipelining"):
            for phase, command in commands.items():
                self._phase = phase
                self._take_answer(self._smtp.docmd(command))
            return
        self._smtp.send("".join(f"{command}\r\n" for command in commands.values()))
        refused: ChannelError | None = None
        for phase in commands:
            self._phase = phase if refused is None else self._phase
            try:
                self._take_answer(self._smtp.getreply())
            except ChannelError as error:
                refused = refused or error
            except smtplib.SMTPServerDisconnected:
                if refused is None:
                    raise
            if self._smtp.sock is None:
                break
        if refused is not None:
            raise refused

    def _take_answer(self, reply: tuple[int, bytes]) -> None:
        if self._phase == "rset" and reply[0] != 250:
            self._smtp.close()
            raise StaleConnectionError
        self._expect(2, reply)

    def _nothing_more(self) -> None:
        if self._smtp.said_more:
            self._smtp.close()
            reason = f"{self._phase}: more answers than commands"
            raise TryLater(reason, happened="no", scope="copy")

    def _expect(self, kind: int, reply: tuple[int, bytes]) -> bytes:
        code, text = reply
        if code // 100 == kind:
            return text
        if code == 421 or code < 400:  # it hangs up, or speaks something else
            self._smtp.close()
        raise refusal(self._phase, code, text)

    def _lost(self, error: Exception) -> TryLater:
        happened: Happened = "maybe" if self._phase == "body" else "no"
        lost = f"connection lost ({type(error).__name__})"
        late = "no answer before the deadline" if self._call.over else lost
        return TryLater(f"{self._phase}: {late}", happened=happened, scope="copy")


@lru_cache(maxsize=64)
def _quoted(sender: str) -> str:
    """smtplib reads an address as that of a header, which takes as long as to send the commands."""
    return smtplib.quoteaddr(sender)


def _lines(message: bytes) -> bytes:
    """The message with CRLF at the end of every line and nowhere else, so that nothing in it can
    end it early (RFC 5321 2.3.8)."""
    ends, lines = message.count(b"\r\n"), message
    if message.count(b"\r") != ends or message.count(b"\n") != ends:
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _dotted(lines: bytes) -> bytes:
    """The lines as DATA wants them (RFC 5321 4.5.2): a dot before each line's first dot; the end
    mark."""
    return (b"\n" + lines).replace(b"\n.", b"\n..")[1:] + b".\r\n"
