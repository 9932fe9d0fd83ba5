"""What an SPF record means (RFC 7208), as far as it can be told without a sending server."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Lookup = Callable[[str, str], Sequence[str]]  # the records of a name and a kind
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")
DEEPEST = 40  # terms that ask; a record that leads to itself is left there


@dataclass
class SpfRecord:
    """What was read.

    found     how many records there are
    lookups   how many terms ask the DNS, those of included records counted
    networks  who may send, as far as names could be followed
    ends      what is said of everybody else: "-all", "~all", "?all", "+all"; "" for nothing
    problems  terms that cannot be read, and included names without a record
    """

    found: int = 0
    lookups: int = 0
    networks: list[Network] = field(default_factory=list)
    ends: str = ""
    problems: list[str] = field(default_factory=list)

    def allows(self, address: str) -> bool:
        """Whether it names this IP address."""
        at = ipaddress.ip_address(address)
        return any(at.version == one.version and at in one for one in self.networks)


def records(domain: str, ask: Lookup) -> list[str]:
    """The SPF records of a domain."""
    found = [text for text in ask(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    return [" ".join(text.split()) for text in found]


def read_spf(domain: str, ask: Lookup) -> SpfRecord:
    """The SPF record of this domain, with all that it includes. Raises what `ask` raises."""
    found = SpfRecord()
    texts = records(domain, ask)
    found.found = len(texts)
    if len(texts) == 1:
        found.ends = _walk(found, domain, texts[0], ask)
    return found


def _walk(found: SpfRecord, domain: str, text: str, ask: Lookup) -> str:
    ends = ""
    for term in text.split(" ")[1:]:
        name, value = _term(term)
        if name in ASKING:
            found.lookups += 1
            if found.lookups > DEEPEST:
                return ends
        if "%" in value:
            continue  # a macro: only a receiver knows what it stands for
        if name == "all":
            ends = f"{term[0] if term[0] in '+-~?' else '+'}all"
        elif name == "redirect":
            ends = _included(found, value, ask) or ends
        elif name == "include":
            _included(found, value, ask)
        elif name in ("ip4", "ip6", "a", "mx"):
            _named(found, domain, (name, value), ask)
        elif name not in ("ptr", "exists") and "=" not in term:
            found.problems.append(f"{term!r} is not an SPF term")
    return ends


def _term(term: str) -> tuple[str, str]:
    """Name in small letters, and what follows it: "a/24" has "/24"."""
    bare = term.lstrip("+-~?").lower()
    for mark in (":", "=", "/"):
        name, found, value = bare.partition(mark)
        if found and name.isalnum():
            return name, value if mark != "/" else f"/{value}"
    return bare, ""


def _included(found: SpfRecord, name: str, ask: Lookup) -> str:
    texts = records(name, ask) if name else []
    if len(texts) != 1:
        found.problems.append(f"{name or 'an include'} has {len(texts) or 'no'} SPF record")
        return ""
    return _walk(found, name, texts[0], ask)


def _named(found: SpfRecord, domain: str, term: tuple[str, str], ask: Lookup) -> None:
    kind, value = term
    if kind in ("ip4", "ip6"):
        _network(found, value)
        return
    host, _, length = value.partition("/")
    hosts = list(ask(host or domain, "MX")) if kind == "mx" else [host or domain]
    for one in hosts[:MOST_LOOKUPS]:
        four, _, six = length.partition("//")
        for address in ask(one, "A"):
            _network(found, f"{address}/{four or 32}")
        for address in ask(one, "AAAA"):
            _network(found, f"{address}/{six or 128}")


def _network(found: SpfRecord, text: str) -> None:
    try:
        found.networks.append(ipaddress.ip_network(text, strict=False))
    except ValueError:
        found.problems.append(f"{text!r} is not a network")
