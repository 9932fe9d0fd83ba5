"""SMTP in: mails for the sandbox's people, with faults on cue."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from calsync.sandbox.faults import Faults
from calsync.sandbox.mailbox import Mailbox


class Postman:
    """Puts accepted mails into mailboxes; aiosmtpd calls it."""

    def __init__(
        self,
        mailboxes: dict[str, Mailbox],
        faults: Faults,
        lock: threading.RLock,
        clock: Callable[[], datetime],
    ) -> None:
        self.faults = faults
        self.lock = lock
        self._mailboxes = mailboxes
        self._clock = clock

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whom nobody knows, and whom a fault names."""
        del server, session, options
        with self.lock:
            mailbox = self._find(address)
            if mailbox is None:
                return "550 5.1.1 The email account that you tried to reach does not exist"
            fault = self.faults.take("rcpt", "", mailbox.person.address)
        if fault is not None:
            return f"{fault.status} {fault.message}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Deliver, or refuse, or deliver and lose the answer."""
        del session
        people = self.people(envelope)
        with self.lock:
            if fault := self.take("data", people):
                return f"{fault.status} {fault.message}"
            for person in people:
                mailbox = self._mailboxes[person]
                mailbox.receive(envelope.original_content or b"", self._clock())
            lost = self.take("drop_after_data", people)
        if lost:
            cut(server)
        return "250 2.0.0 OK"

    def take(self, stage: str, people: list[str]) -> Any:
        """The fault arranged for a mail to any of these people."""
        found = (self.faults.take(stage, "", person) for person in people)
        return next((one for one in found if one is not None), None)

    def people(self, envelope: Envelope) -> list[str]:
        """Whose mailboxes the mail goes to."""
        boxes = (self._find(str(one)) for one in envelope.rcpt_tos)
        return [box.person.address for box in boxes if box is not None]

    def _find(self, address: str) -> Mailbox | None:
        wanted = address.casefold()
        found = (box for one, box in self._mailboxes.items() if one.casefold() == wanted)
        return next(found, None)


class FaultySMTP(SMTP):
    """SMTP whose connection may end at the DATA command."""

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        postman: Postman = self.event_handler
        if self.envelope is not None:
            with postman.lock:
                fault = postman.take("drop_before_data", postman.people(self.envelope))
            if fault:
                cut(self)
                return
        await super().smtp_DATA(arg)


def cut(server: SMTP) -> None:
    """End the connection without another word."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


class MailServer:
    """A listening SMTP server in a thread of its own; port 0 takes a free one."""

    def __init__(self, postman: Postman, host: str, port: int) -> None:
        self._listener = socket.create_server((host, port))
        self.host, self.port = self._listener.getsockname()[:2]
        self._postman = postman
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._open: list[FaultySMTP] = []
        self._thread = threading.Thread(target=self._run, name="sandbox-smtp", daemon=True)

    def start(self) -> None:
        """Mails are accepted from now on: the port listens since the making."""
        self._thread.start()

    def close(self) -> None:
        """End the listener, every connection and the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()
        self._listener.close()
        self._loop.close()

    def _protocol(self) -> FaultySMTP:
        self._open = [one for one in self._open if one.transport is not None]
        smtp = FaultySMTP(self._postman, loop=self._loop, hostname="sandbox", enable_SMTPUTF8=True)
        self._open.append(smtp)
        return smtp

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        """Until the end, which may be wanted before the beginning is over."""
        server = await self._loop.create_server(self._protocol, sock=self._listener)
        await self._ended.wait()
        server.close()
        for smtp in self._open:
            cut(smtp)
        await end_tasks()


async def end_tasks() -> None:
    """Let every connection's task end."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
