"""Opening one SMTP connection: address, TLS, greeting, login. Nothing here can send a mail."""

from __future__ import annotations

import re
import smtplib
import ssl
from socket import socket

from calsync.errors import ChannelError, Setup, TryLater
from providers.http.connections import TimedCall
from providers.mail.replies import refusal
from providers.mail.settings import MailSettings

_ANSWER = re.compile(rb"[2-5]\d\d[ \r\n-]")
MAX_REPLY_LINE = 8192
MAX_REPLY_LINES = 100
FITTING = 'most servers take "starttls" on port 587 and "tls" on port 465'


class Smtp(smtplib.SMTP):
    """smtplib's client on a socket that is cut off at the call's deadline."""

    def __init__(self, settings: MailSettings, call: TimedCall, context: ssl.SSLContext) -> None:
        self._settings, self._call, self._context = settings, call, context
        # A given name keeps smtplib from asking the resolver, which no deadline reaches.
        name = settings.sender.rpartition("@")[2]
        super().__init__(settings.host, settings.port, local_hostname=name, timeout=call.left())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        plain = self._call.connect(host, port)
        if self._settings.security != "tls":
            return plain
        return self._context.wrap_socket(plain, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        """One whole answer; -1 as its code when it is none. smtplib's own method takes the first
        half of a line for an answer: a connection that is cut after "25" or "222" said yes."""
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        texts: list[bytes] = []
        while len(texts) < MAX_REPLY_LINES:
            line = self._whole_line()
            texts.append(line[4:].strip())
            if not _ANSWER.match(line):
                return -1, b""
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(texts)
        return -1, b""

    @property
    def said_more(self) -> bool:
        """An answer is there that nobody asked for: whatever it says, it must not be taken for the
        answer to what is sent next."""
        if self.sock is None or self.file is None:
            return False
        patience = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            return bool(self.file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            self.sock.settimeout(patience)

    def _whole_line(self) -> bytes:
        try:
            line: bytes = self.file.readline(MAX_REPLY_LINE) if self.file is not None else b""
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self.close()
            raise smtplib.SMTPServerDisconnected("no whole answer")
        return line


def tls_context(settings: MailSettings) -> ssl.SSLContext:
    """Raises Setup when the file with certificates cannot be used."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        reason = f"mail.ca_file cannot be read ({type(error).__name__}): name a PEM file"
        raise Setup(reason, happened="no", scope="tenant") from None


def open_connection(settings: MailSettings, call: TimedCall, context: ssl.SSLContext) -> Smtp:
    """A connection that is ready for a mail. Raises TryLater or Setup, always `no`."""
    phase = "connect"
    smtp: Smtp | None = None
    try:
        smtp = Smtp(settings, call, context)
        smtp.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            phase = "starttls"
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if settings.username:
            phase = "auth"
            smtp.login(settings.username, settings.password)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        if smtp is not None:
            smtp.close()
        # `from None`: smtplib's errors hold the login and the server's own words.
        raise _explained(phase, error, call, settings) from None
    return smtp


# OpenSSL's words for a peer that does not speak TLS: a plain greeting on a port where TLS is to
# begin at once, most of all.
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"})
TLS_PORT = 465  # TLS from the first byte (RFC 8314 7.3): neither side of a plain client ever begins


def _begin_in_two_ways(error: Exception, call: TimedCall, settings: MailSettings) -> bool:
    """What client and server expect of each other will never let a mail pass."""
    if isinstance(error, ssl.SSLError):
        return error.reason in NO_TLS
    waits = isinstance(error, smtplib.SMTPServerDisconnected) and call.over
    return waits and settings.port == TLS_PORT and settings.security != "tls"


def _operators(phase: str, error: Exception, call: TimedCall, settings: MailSettings) -> str | None:
    """What an operator has to put right; None: nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{phase}: the server's certificate is not trusted; see mail.host and mail.ca_file"
    if _begin_in_two_ways(error, call, settings):
        return f"{phase}: mail.port and mail.security do not fit each other; {FITTING}"
    if isinstance(error, UnicodeError):
        return "auth: mail.username and mail.password may hold ASCII characters only"
    return None


def _explained(
    phase: str, error: Exception, call: TimedCall, settings: MailSettings
) -> ChannelError:
    word = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return refusal(phase, error.smtp_code, text if isinstance(text, bytes) else b"")
    told = _operators(phase, error, call, settings)
    if told is not None:
        return Setup(told, happened="no", scope="tenant")
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        late = "not reached before the deadline" if call.over else f"not reached ({word})"
        return TryLater(f"{phase}: {late}", happened="no", scope="tenant")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        late = "no answer before the deadline" if call.over else "connection lost"
        return TryLater(f"{phase}: {late}", happened="no", scope="tenant")
    reason = f"{phase}: the server does not offer it; see mail.security and mail.username"
    return Setup(reason, happened="no", scope="tenant")
