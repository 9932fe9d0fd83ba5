"""One thread's connections: they tell how far a call came and end at its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, fromfd, getaddrinfo, socket
from ssl import SSLError as BaseSSLError
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    Retry,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError, ProtocolError, SSLError
from urllib3.util.ssl_match_hostname import CertificateError

from providers.http.prepared import ALWAYS, PlainRequest
from providers.http.watchdog import Watch, Watchdog

# Told a host's name and all its addresses before any of them is connected to; raises ChannelError.
Admit = Callable[[str, Sequence[str]], None]


class TimedCall:
    """What is known of one request while it runs."""

    def __init__(self, until: float, admit: Admit | None = None) -> None:
        self.until, self.admit, self.peer = until, admit, ""
        self.target = ""  # what is asked for, where urllib3 is not told
        self.wrote = self.reused = self.answered = False
        self._watch: Watch | None = None
        self._guards: list[socket] = []

    @property
    def over(self) -> bool:
        return (self._watch is not None and self._watch.fired) or self.until <= time.monotonic()

    @property
    def stale(self) -> bool:
        """It died on a kept-alive connection without a word from the server."""
        return self.reused and not self.answered and not self.over

    def left(self) -> float:
        """Seconds left, at least one millisecond. Raises TimeoutError when there are none."""
        if self.over:
            raise TimeoutError
        return max(0.001, self.until - time.monotonic())

    @contextmanager
    def running(self, watchdog: Watchdog) -> Iterator[None]:
        self._watch = watchdog.begin(self.until)
        try:
            yield
        finally:
            watchdog.end(self._watch)
            for guard in self._guards:
                guard.close()

    def guard(self, sock: socket) -> None:
        """Have the connection cut at the deadline. By a second descriptor, because wrapping in TLS
        takes the first one away and a server's `Connection: close` closes it before its body."""
        guard = fromfd(sock.fileno(), sock.family, sock.type)
        self._guards.append(guard)
        if self._watch is not None:
            self._watch.add(guard)

    def connect(self, host: str, port: int) -> socket:
        """The first address that answers, all of them within the deadline; `peer` says which.
        The name is resolved once: what `admit` was told of is what is connected to."""
        found = getaddrinfo(host, port, type=SOCK_STREAM)
        self.check(host, [str(entry[4][0]) for entry in found])
        problem: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            sock = socket(family, kind, protocol)
            try:
                sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
                sock.settimeout(self.left())
                self.guard(sock)
                sock.connect(address)
            except OSError as error:
                sock.close()
                problem = error
            else:
                self.peer = str(address[0])
                return sock
        raise problem

    def check(self, host: str, addresses: Sequence[str]) -> None:
        if self.admit is not None:
            self.admit(host, addresses)


class Calls:
    """The call that a thread's connections are working for."""

    def __init__(self) -> None:
        self.current = TimedCall(0.0)

    def run(self, call: TimedCall, watchdog: Watchdog) -> AbstractContextManager[None]:
        """From now on connections report to `call`, and inside the block end at its deadline."""
        self.current = call
        return call.running(watchdog)


class _Watched(HTTPConnection):
    """A connection that reports to its thread's current call."""

    def __init__(self, *args: Any, calls: Calls, **options: Any) -> None:
        super().__init__(*args, **options)
        self._calls = calls
        self._peer = ""
        self._head, self._body_follows = b"", False

    def _new_conn(self) -> socket:
        try:
            sock = self._calls.current.connect(self._dns_host.strip("[]"), self.port)
        except (OSError, UnicodeError) as error:
            # Not as OSError: urllib3 takes a broken pipe here for one after the request was sent.
            raise NewConnectionError(self, "no connection") from error
        self._peer = self._calls.current.peer
        return sock

    def request(self, method: str, url: str, body: Any = None, *args: Any, **options: Any) -> None:
        if self.sock is not None:
            # It may have been made by a call that admits every address.
            self._calls.current.check(self.host, [self._peer])
            self._calls.current.reused = True
            self._calls.current.guard(self.sock)
        self._head, self._body_follows = b"", body is not None
        super().request(method, self._calls.current.target or url, body, *args, **options)

    def putheader(self, header: str, *values: str) -> None:  # type: ignore[override]  # as urllib3
        """One of a plain request was looked at when that was made. A host comes as bytes."""
        (value,) = values
        if self._calls.current.target and isinstance(value, str):
            line = f"{header}: {value}".encode("ascii")
            self._output(line)  # type: ignore[attr-defined]  # http.client's way to its buffer
        else:
            super().putheader(header, value)

    def send(self, data: Any) -> None:
        """Head and body in one write: urllib3 hands them over one after the other."""
        if self.sock is None:
            self.connect()
        self._calls.current.left()
        if self._body_follows:
            self._head, self._body_follows = data, False
            return
        self._calls.current.wrote = True
        super().send(self._head + data)
        self._head = b""


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _DirectPool(HTTPConnectionPool):
    """One connection, asked once: urllib3's way through redirects, proxies and repeats, none of
    which there are, takes as long as the call itself."""

    def urlopen(  # type: ignore[override]  # what `requests` asks for
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: Any = None,
        chunked: bool = False,
        **_: Any,
    ) -> BaseHTTPResponse:
        connection: Any = self._get_conn()
        answered = False
        try:
            response = self._make_request(
                connection,
                method,
                url,
                body=body,
                headers=headers,
                timeout=timeout,
                chunked=chunked,
                response_conn=connection,
                preload_content=False,
                decode_content=False,
            )
            answered = True
        except (BaseSSLError, CertificateError) as error:
            raise SSLError(error) from error
        except (OSError, HTTPException) as error:
            raise ProtocolError("Connection aborted.", error) from error
        finally:
            if not answered:
                connection.close()
                self._put_conn(None)
        return response


class _PlainPool(_DirectPool):
    ConnectionCls = _Watched


class _TlsPool(_DirectPool, HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    """A thread's connections, at most one to a host."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._latest: tuple[str, Any] = "", None
        super().__init__(pool_maxsize=1, max_retries=Retry(total=0))

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_PlainPool, calls=self._calls),
            "https": partial(_TlsPool, calls=self._calls),
        }

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """That of the call before where it is for the same host: it cannot have been given up, as
        the manager gives up those that were not used for longest."""
        origin = "/".join((request.url or "").split("/", 3)[:3])
        if self._latest[0] != origin:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            super().cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]  # theirs
            self._latest = origin, pool
        return self._latest[1]

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Done when the connection's pool was made."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """The path: there are no proxies. urllib3 would look at each sign of it, whether it has to
        be escaped; that of a plain URL goes past it to the connection."""
        target = request.path_url
        self._calls.current.target = target if isinstance(request, PlainRequest) else ""
        return "/" if self._calls.current.target else target

    def build_response(
        self, req: requests.PreparedRequest, resp: BaseHTTPResponse
    ) -> requests.Response:
        """Status, headers and what the body is read from; no cookies, and no guess at letters."""
        response = requests.Response()
        response.status_code, response.raw, response.request = resp.status, resp, req
        response.headers = resp.headers  # type: ignore[assignment]  # blind to case as well
        return response


class Http(requests.Session):
    """One thread's session: what it sends with every request, and where from."""

    def __init__(self, ca_file: str | None) -> None:
        super().__init__()
        self.calls = Calls()
        self.trust_env = False
        self.verify = self.trusted = ca_file or True
        self.headers.clear()
        self.headers.update(ALWAYS)
        # One person's cookie must never travel with the next person's request.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapter = _Adapter(self.calls)

    def once(self, request: requests.PreparedRequest, timeout: float) -> requests.Response:
        """The answer, whose body is still to be read. Nothing follows a redirect, and no hook
        looks at it."""
        return self.adapter.send(request, stream=True, timeout=timeout, verify=self.trusted)
