"""A mail server that takes every mail at once, so that it is never the bound. It prints its port
and serves until it is killed; the file that its argument names is the last mail it took."""

from __future__ import annotations

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from pathlib import Path

OFFERED = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
END = b"\r\n.\r\n"


async def serve(reader: StreamReader, writer: StreamWriter, last: Path) -> None:
    writer.write(b"220 sink ESMTP\r\n")
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while (verb := (await reader.readuntil(b"\r\n"))[:4].upper()) != b"QUIT":
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                last.write_bytes((await reader.readuntil(END))[:-3])
            writer.write(OFFERED if verb == b"EHLO" else b"250 2.0.0 OK\r\n")
    writer.close()


async def main() -> None:
    last = Path(sys.argv[1])

    async def take(reader: StreamReader, writer: StreamWriter) -> None:
        await serve(reader, writer, last)

    server = await asyncio.start_server(take, "127.0.0.1", 0, limit=2**20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
