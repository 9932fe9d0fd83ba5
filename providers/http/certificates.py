"""Until when the certificates are good by which servers are known."""

from __future__ import annotations

import ssl
from datetime import datetime
from socket import socket

from calsync.errors import TryLater
from calsync.untrusted.values import epoch_instant
from providers.http.connections import TimedCall
from providers.http.watchdog import Watchdog


def peer_certificate_end(connection: socket | None) -> datetime | None:
    """Until when the certificate is good that the other side showed; None without TLS."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    told = (connection.getpeercert() or {}).get("notAfter")
    try:
        return epoch_instant(ssl.cert_time_to_seconds(str(told)))
    except ValueError:
        return None


def server_certificate_end(
    host: str, port: int, until: float, watchdog: Watchdog, ca_file: str | None = None
) -> datetime | None:
    """Until when the certificate of this server is good; None where it does not tell.
    Raises TryLater (no) where it does not answer, or has a certificate that is not trusted."""
    call = TimedCall(until)
    try:
        with call.running(watchdog):
            plain = call.connect(host, port)
            context = ssl.create_default_context(cafile=ca_file)
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return peer_certificate_end(secure)
    except OSError as error:
        word = type(error).__name__
        raise TryLater(f"{host}: no TLS connection ({word})", happened="no") from None
