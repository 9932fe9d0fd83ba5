"""Names of machines, as far as they can be judged without asking a server."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether this host can only be this machine, so that what is sent there never leaves it.

    An IPv6 address may stand in brackets, as in a URL. Names are not resolved: `localhost` is this
    machine by definition (RFC 6761 section 6.3), any other name may change.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return host.lower() == "localhost"
