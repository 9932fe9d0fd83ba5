"""A real DNS server for tests, on loopback: Debian's dnsmasq, which answers for these records
alone. What else is asked for does not exist."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.exception
import dns.message
import dns.query

from tests.harness import servers
from tests.ports import free_port

PACKAGE = "dnsmasq-base"
SYSTEM = "/usr/sbin:/usr/bin"
START_SECONDS = 30
READY = "ready.calsync.test"


@contextmanager
def dns_server(
    *,
    txt: Mapping[str, Sequence[str]] | None = None,
    mx: Mapping[str, Sequence[str]] | None = None,
    addresses: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """HOST:PORT of a server with these records, each by its name; several texts are several
    records. `mx` are the names of hosts, "." for none."""
    program = servers.program(PACKAGE, "dnsmasq", folders=SYSTEM)
    port = free_port()
    options = [f"--txt-record={READY},yes", "--local=/#/"]
    for name, texts in (txt or {}).items():
        options += [f"--txt-record={name},{_strings(text)}" for text in texts]
    for name, hosts in (mx or {}).items():
        options += [f"--mx-host={name},{host},10" for host in hosts]
    options += [f"--host-record={name},{at}" for name, at in (addresses or {}).items()]
    process = subprocess.Popen(
        [
            program,
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--pid-file=",
            *(["--user=root"] if os.getuid() == 0 else []),
            "--listen-address=127.0.0.1",
            "--bind-interfaces",
            f"--port={port}",
            "--log-facility=-",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def _strings(text: str) -> str:
    """A text without commas, as strings of 255 characters at most."""
    assert "," not in text
    return ",".join(text[at : at + 250] for at in range(0, len(text), 250))


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    question = dns.message.make_query(READY, "TXT")
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            dns.query.udp(question, "127.0.0.1", timeout=0.2, port=port)
        except (OSError, dns.exception.DNSException):
            if process.poll() is not None:
                _, said = process.communicate()
                raise AssertionError(f"dnsmasq ended: {said.decode()}") from None
            assert time.monotonic() < end, "dnsmasq does not answer"
        else:
            return
