"""A real nginx with the configuration of deploy/ before a served calsync."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.harness.servers import program
from tests.harness.small_calsync import until
from tests.ports import free_port
from tests.providers.loopback_certificate import write_certificate
from tests.web.site import Site, a_record

NGINX = Path(__file__).parents[2] / "deploy" / "nginx"
CONFIG, INNER = NGINX / "calsync.conf", NGINX / "compose.conf"
NAME = "calsync.platform.example"
AROUND = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""


@dataclass(frozen=True)
class Proxied:
    """A calsync behind nginx, which answers on `tls` and `plain`, and as it does in the compose
    file on `inner`."""

    site: Site
    tls: int
    plain: int
    inner: int
    certificate: Path

    def ask(self, method: str, path: str, host: str = NAME, **given: object) -> requests.Response:
        headers = {"Host": host} | given.pop("headers", {})  # type: ignore[operator]
        url = f"https://127.0.0.1:{self.tls}{path}"
        verify = str(self.certificate)
        return requests.request(method, url, headers=headers, verify=verify, timeout=30, **given)  # type: ignore[arg-type]

    def reached(self) -> list[str]:
        """The methods of the requests that reached calsync."""
        return [fields["method"] for event, fields in self.site.told if event == "request"]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    site = Site(folder, f"sqlite:///{folder / 'store.db'}", public=f"https://{NAME}")
    with site.served():
        ports = [free_port() for _ in range(3)]
        made = Proxied(site, *ports, write_certificate(folder))
        _configure(made, folder)
        command = [program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            until(lambda: _listens(made.tls) or process.poll() is not None)
            yield made
            process.terminate()
            assert process.wait(30) == 0


def _configure(made: Proxied, folder: Path) -> None:
    calsync = f"127.0.0.1:{made.site.port}"
    outer = {
        r"server 127\.0\.0\.1:8080;": f"server {calsync};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{made.tls} ssl;",
        r"listen 80;": f"listen 127.0.0.1:{made.plain};",
        r"/etc/ssl/calsync/(?:fullchain|privkey)\.pem": str(made.certificate),
    }
    inner = {
        r"http://calsync:8080;": f"http://{calsync};",
        r"listen 80;": f"listen 127.0.0.1:{made.inner};",
    }
    text = _changed(CONFIG, outer) + _changed(INNER, inner)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, server=text), encoding="utf-8")


def _changed(file: Path, changed: dict[str, str]) -> str:
    text = file.read_text(encoding="utf-8")
    for pattern, instead in changed.items():
        text, found = re.subn(pattern, instead, text)
        assert found, f"{file.name} has no {pattern}"
    return text


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_calls_and_pages_reach_calsync(proxied: Proxied) -> None:
    token = proxied.site.caller().token
    headers = {"Authorization": f"Bearer {token}"}
    stored = proxied.ask("PUT", "/api/sessions/ses-1", json=a_record(), headers=headers)
    assert stored.status_code in (200, 201), stored.text

    page = proxied.ask("GET", "/connect")
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Strict-Transport-Security"]
    assert page.headers["Content-Security-Policy"]


def test_another_name_is_refused_by_calsync(proxied: Proxied) -> None:
    assert proxied.ask("GET", "/connect", host="evil.example").status_code == 421


def test_what_is_too_long_is_refused_before_it_reaches_calsync(proxied: Proxied) -> None:
    before = len(proxied.reached())
    long = proxied.ask("PUT", "/api/sessions/ses-1", data=b" " * (512 * 1024 + 1))
    assert long.status_code == 413
    assert len(proxied.reached()) == before


def test_plain_http_is_sent_to_https(proxied: Proxied) -> None:
    url = f"http://127.0.0.1:{proxied.plain}/connect"
    moved = requests.get(url, headers={"Host": NAME}, allow_redirects=False, timeout=30)
    assert (moved.status_code, moved.headers["Location"]) == (301, f"https://{NAME}/connect")


def test_the_proxy_of_the_compose_file_passes_on_the_name_and_refuses_what_is_too_long(
    proxied: Proxied,
) -> None:
    url = f"http://127.0.0.1:{proxied.inner}"
    page = requests.get(f"{url}/connect", headers={"Host": NAME}, timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    other = requests.get(f"{url}/connect", headers={"Host": "evil.example"}, timeout=30)
    assert other.status_code == 421
    long = requests.put(f"{url}/api/sessions/ses-1", data=b" " * (512 * 1024 + 1), timeout=30)
    assert long.status_code == 413


def test_half_a_request_never_reaches_calsync(proxied: Proxied) -> None:
    before = len(proxied.reached())
    trusted = ssl.create_default_context(cafile=str(proxied.certificate))
    with (
        socket.create_connection(("127.0.0.1", proxied.tls), timeout=30) as plain,
        trusted.wrap_socket(plain, server_hostname="127.0.0.1") as one,
    ):
        head = f"PUT /api/sessions/slow HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n\r\n"
        one.sendall(head.encode() + b"{")
        proxied.ask("GET", "/api/openapi.json")
        until(lambda: len(proxied.reached()) > before)
    proxied.ask("GET", "/api/openapi.json")
    until(lambda: len(proxied.reached()) > before + 1)
    assert set(proxied.reached()[before:]) == {"GET"}
