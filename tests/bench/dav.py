"""A CalDAV server in memory that does as little as one can: one calendar, which counts what it is
asked. It answers within a millisecond, so that clients are measured and not it.

    python -m tests.bench.dav      prints its port, and serves until its standard input ends

`GET /asked` says how many requests there were since the last one that asked so.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

CALENDAR = "/cal/"
HREF = re.compile(rb"<(?:\w+:)?href[^>]*>([^<]+)</")
ANSWER = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{}</multistatus>'
OF_CALENDAR = (
    "<resourcetype><collection/><C:calendar/></resourcetype><displayname>Bench</displayname>"
    '<C:supported-calendar-component-set><C:comp name="VEVENT"/>'
    "</C:supported-calendar-component-set>"
)
REASONS = {200: "OK", 201: "Created", 204: "No Content", 207: "Multi-Status", 404: "Not Found"}


@dataclass
class Calendar:
    """Objects by path: ETag and text."""

    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: int = 0
    written: int = 0

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if path == "/asked":
            asked, self.asked = self.asked, 0
            return 200, {}, str(asked).encode()
        self.asked += 1
        if method in {"PROPFIND", "REPORT"}:
            return 207, {"Content-Type": "application/xml"}, self._listed(method, headers, body)
        if method == "PUT":
            return self._put(path, headers, body)
        return self._deleted(path) if method == "DELETE" else self._got(path)

    def _got(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path not in self.objects:
            return 404, {}, b""
        etag, text = self.objects[path]
        return 200, {"ETag": etag, "Content-Type": "text/calendar"}, text

    def _deleted(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """An object, or everything in the calendar."""
        if path == CALENDAR:
            self.objects.clear()
            return 204, {}, b""
        return (204 if self.objects.pop(path, None) else 404), {}, b""

    def _put(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        there = self.objects.get(path, ("", b""))[0]
        wanted = headers.get("if-match")
        if (wanted is not None and wanted != there) or (there and "if-none-match" in headers):
            return 412, {}, b""
        self.written += 1
        etag = f'"{self.written}"'
        self.objects[path] = etag, body
        return (204 if there else 201), {"ETag": etag}, b""

    def _listed(self, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """A multiget gives the objects that it names; everything else their ETags."""
        if method == "PROPFIND" and headers.get("depth") == "0":
            return ANSWER.format(_found(CALENDAR, OF_CALENDAR)).encode()
        if b"multiget" in body:
            paths = [one.decode() for one in HREF.findall(body)]
            named = [path for path in paths if path in self.objects]
            return ANSWER.format("".join(self._whole(path) for path in named)).encode()
        etags = "".join(
            _found(path, f"{_etag(etag)}<getcontenttype>text/calendar</getcontenttype>")
            for path, (etag, _) in self.objects.items()
        )
        return ANSWER.format(_found(CALENDAR, OF_CALENDAR) + etags).encode()

    def _whole(self, path: str) -> str:
        etag, text = self.objects[path]
        return _found(
            path, f"{_etag(etag)}<C:calendar-data>{escape(text.decode())}</C:calendar-data>"
        )


def _etag(etag: str) -> str:
    return f"<getetag>{escape(etag)}</getetag>"


def _found(path: str, props: str) -> str:
    return (
        f"<response><href>{escape(path)}</href><propstat><prop>{props}</prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )


async def _serve(calendar: Calendar) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: _talk(calendar, reader, writer), "127.0.0.1", 0
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


async def _talk(
    calendar: Calendar, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            method, path, _ = first.split(" ")
            pairs = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, more, answer = calendar.answer(method, path, headers, body)
            more["Content-Length"] = str(len(answer))
            said = "".join(f"{name}: {value}\r\n" for name, value in more.items())
            reason = REASONS.get(status, "No")
            writer.write(f"HTTP/1.1 {status} {reason}\r\n{said}\r\n".encode() + answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


@contextmanager
def standing_in() -> Iterator[str]:
    """The URL of such a server, which runs in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.dav"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    asyncio.run(_serve(Calendar()))
