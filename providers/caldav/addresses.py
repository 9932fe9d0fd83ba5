"""Where a call may go: URLs, hrefs and hosts come from people and from servers they name."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, unquote, urljoin, urlsplit

from calsync.errors import Refused, Unusable

PORTS = {"https": 443, "http": 80}
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
AZURE_PLATFORM = ip_address("168.63.129.16")
# The last 32 bits are an IPv4 address: RFC 6052, RFC 4291 2.5.5.1 (::1 lies in it), RFC 2765 2.1.
EMBEDDING = tuple(map(ip_network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
# Inside whatever Python says: RFC 3879 (site-local), RFC 8215 (a translator of one's own).
LOCAL = tuple(map(ip_network, ("fec0::/10", "64:ff9b:1::/48")))


def origin_of(url: str) -> str:
    """Scheme, host and port: what may see the credentials. Raises ValueError for no web URL."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("not an http or https URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port == PORTS[parts.scheme] else f":{port}")


def on_same_origin(base: str, href: str) -> str | None:
    """The URL that `href` means at `base`; None when it leads to another origin or is unsafe."""
    try:
        joined = urljoin(base, href)
        if origin_of(joined) != origin_of(base):
            return None
    except ValueError:
        return None
    return url_at(base, urlsplit(joined).path)


def url_at(base: str, path: str) -> str | None:
    """The URL of an absolute path on the origin of `base`; None when it climbs. The path is put
    behind the origin and never joined to it: joined, "//other/x" would name another host."""
    if any(part in {".", ".."} for part in unquote(path).split("/")):
        return None
    return origin_of(base) + quote(path or "/", safe="/%:@!$&'()*+,;=~-._")


def same_resource(url: str) -> str:
    """What two URLs of one resource have in common, however they escape it."""
    return unquote(urlsplit(url).path)


def is_member(collection: str, url: str) -> bool:
    """Whether the resource lies directly in the collection."""
    inside = same_resource(url).removeprefix(folder := folder_path(collection))
    return same_resource(url).startswith(folder) and inside != "" and "/" not in inside


def folder_path(url: str) -> str:
    return same_resource(url).rstrip("/") + "/"


def collection_url(endpoint: str) -> str:
    """The URL of an account's calendar, with a slash at its end. Raises Unusable."""
    try:
        url = url_at(endpoint, urlsplit(endpoint).path.rstrip("/") + "/")
    except ValueError:
        url = None
    if url is None:
        reason = "the account's calendar address is not a URL: connect the account again"
        raise Unusable(reason, happened="no", scope="account")
    return url


def resource_url(collection: str, key: str) -> str:
    """The URL of a calendar object: `key` is a name in the collection or an absolute path.

    Raises Refused when the key means the collection itself, something above it, or no object.
    """
    url = url_at(collection, key if key.startswith("/") else urlsplit(collection).path + key)
    if url is None or url.endswith("/") or folder_path(collection).startswith(folder_path(url)):
        raise Refused("the copy's href does not name a calendar object", happened="no")
    return url


class PrivateNetwork(Unusable):
    """The host may not be called: it is not on the public internet."""


class OtherOrigin(Unusable):
    """The server leads to `url`, on another origin, which would get to see the credentials."""

    def __init__(self, reason: str, url: str) -> None:
        self.url = url
        super().__init__(reason, happened="no", scope="account")


def other_origin(base: str, href: str) -> str:
    """The URL that a server at `base` means by a link to another origin; "" for one that may not
    be called: unsafe, or without https where the server has it."""
    try:
        joined = urljoin(base, href)
        ours, theirs = origin_of(base), origin_of(joined)
    except ValueError:
        return ""
    if ours == theirs or (ours.startswith("https:") and theirs.startswith("http:")):
        return ""
    return url_at(joined, urlsplit(joined).path) or ""


def only_public(host: str, addresses: Sequence[str]) -> None:
    """Raises PrivateNetwork when one of the host's addresses is not on the public internet."""
    if not all(map(is_public, addresses)):
        raise PrivateNetwork(
            f"{host} is in a private network: caldav.allow_private = true lets calsync in",
            happened="no",
            scope="account",
        )


def is_public(address: str) -> bool:
    """Whether this IP address is out on the internet, also by way of an IPv4 address inside it."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if any(ip in network for network in LOCAL):
            return False
        if any(ip in network for network in EMBEDDING):
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return ip.is_global and not ip.is_multicast and ip != AZURE_PLATFORM
