"""Asking the DNS, for the checks of a sender."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from calsync.errors import InputError, TryLater

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 5.0  # for one question, at all servers


def lookup_at(server: str | None) -> Callable[[str, str], Sequence[str]]:
    """What asks the DNS server at HOST:PORT, or those of the system: the records of a name and a
    kind (TXT, MX, A, AAAA), as text; none where there are none. It raises TryLater (no) where no
    server can tell. Raises InputError for a server that cannot be read."""
    resolver = _resolver(server)

    def ask(name: str, kind: str) -> Sequence[str]:
        import dns.exception  # noqa: PLC0415  # only the doctor asks
        import dns.resolver  # noqa: PLC0415  # as above

        try:
            found = resolver.resolve(name, kind, search=False, lifetime=SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, ValueError, UnicodeError) as error:
            word = type(error).__name__
            raise TryLater(f"no answer about {name} ({word})", happened="no") from None
        return [_text(one, kind) for one in found]

    return ask


def _resolver(server: str | None) -> Resolver:
    from dns.inet import is_address  # noqa: PLC0415  # only the doctor asks
    from dns.resolver import Resolver, make_resolver_at  # noqa: PLC0415  # as above

    if server is None:
        return Resolver()
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) not in range(1, 65536):
        raise InputError(f"--resolver {server!r} is not a server; write HOST or HOST:PORT")
    if not is_address(host):
        raise InputError(f"--resolver {host!r} is not an IP address; write the server's")
    return make_resolver_at(host, int(port))


def _text(record: object, kind: str) -> str:
    if kind == "TXT":
        strings = getattr(record, "strings", ())
        return b"".join(strings).decode("utf-8", "replace")
    if kind == "MX":
        return str(getattr(record, "exchange", "")).rstrip(".")
    return str(record)
