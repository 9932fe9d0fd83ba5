"""A real mail server on loopback, with faults on cue, and what it was sent."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

CUT = "cut"  # instead of an answer: the connection dies


@dataclass(frozen=True)
class Mail:
    """One mail the server took."""

    sender: str
    recipients: list[str]
    data: bytes


@dataclass
class MailServer:
    """A running server.

    mails      what it took, in order
    faults     phase (ehlo, starttls, auth, mail, rcpt, data, body, rset) -> its next answer, or
               CUT; cut in `body`, the mail is taken first. Each counts once, unless in `lasting`
    sessions   how many connections were opened, `quits` how many of them were ended by QUIT
    logins     user names and passwords that were presented
    received   what came, as it was written
    """

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    lasting: set[str] = field(default_factory=set)
    sessions: int = 0
    quits: int = 0
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    password: bytes | None = None
    pipelining: bool = False
    received: list[bytes] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*answers[:-1], *["250-PIPELINING"] * self.pipelining, answers[-1]]

    def next_answer(self, phase: str) -> str | None:
        return self.faults.get(phase) if phase in self.lasting else self.faults.pop(phase, None)

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any
    ) -> Any:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == self.password, handled=False)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.next_answer("body")
        if answer in (None, CUT):
            mail = Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
            self.mails.append(mail)
        if answer == CUT:
            server.transport.abort()
        return answer or f"250 2.0.0 Ok: queued as Q{len(self.mails)}"


class Faulty(SMTP):
    """aiosmtpd's protocol, which asks its `MailServer` before each answer."""

    def connection_made(self, transport: Any) -> None:
        if self._original_transport is None:  # not the second time, after STARTTLS
            self.event_handler.sessions += 1
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.event_handler.received.append(data)
        super().data_received(data)

    async def _says_otherwise(self, phase: str) -> bool:
        answer = self.event_handler.next_answer(phase)
        if answer == CUT:
            self.transport.abort()
        elif answer is not None:
            await self.push(answer)
        return answer is not None

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self._says_otherwise("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("data"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        self.event_handler.quits += 1
        await super().smtp_QUIT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if not await self._says_otherwise("rset"):
            await super().smtp_RSET(arg)


@contextmanager
def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: bytes | None = None,
    pipelining: bool = False,
) -> Iterator[MailServer]:
    """A server on a free port; with `password` nobody sends without it, whatever the user name;
    with `pipelining` it says that it takes several commands at once (RFC 2920)."""
    server = MailServer(password=password, pipelining=pipelining)
    protocols: list[Faulty] = []

    def accept() -> Faulty:
        with warnings.catch_warnings():
            # It advises against logins without TLS, which is what some tests are about.
            warnings.simplefilter("ignore", UserWarning)
            protocol = Faulty(
                server,
                hostname="mx.test",
                loop=loop,
                tls_context=starttls,
                authenticator=server.authenticate if password else None,
                auth_required=password is not None,
                auth_require_tls=False,
            )
        protocols.append(protocol)
        return protocol

    async def serve() -> None:
        listening = await loop.create_server(accept, "127.0.0.1", 0, ssl=tls)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listening.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    if not ready.wait(60):
        raise RuntimeError("the mail server did not start")
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
