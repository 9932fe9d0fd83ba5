"""A server that answers every request with the same event at once, so that it is never the bound.
It prints its port and serves until it is killed."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

EVENT = {
    "id": "0" * 32,
    "etag": '"1"',
    "status": "confirmed",
    "summary": "Session 1: Getting to know each other",
    "description": "d" * 600,
    "start": {"dateTime": "2026-12-03T20:00:00Z"},
    "end": {"dateTime": "2026-12-03T20:45:00Z"},
}
BODY = json.dumps(EVENT).encode()
HEADERS = (b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Content-Length: %d" % len(BODY))
ANSWER = b"\r\n".join([*HEADERS, b"", BODY])


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            writer.write(ANSWER)
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
