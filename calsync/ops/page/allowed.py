"""Which operator somebody is who signed in at the organization's service. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calsync.core.address import address_key
from calsync.core.visit import SignedIn
from calsync.store.connect.operators import EVERY, Operator

GROUP = "group:"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may see a tenant (EVERY: all of them), as addresses and `group:NAME`; `acts`: and change
    something."""

    tenant: str
    entries: tuple[str, ...]
    acts: bool


def operators_of(person: SignedIn, rules: Iterable[Allowed]) -> list[Operator]:
    """What this person may look after, the widest first: one operator for each tenant. Whoever may
    see everything is asked for no tenant."""
    who = person.address or f"sub {person.subject}"
    found: dict[str, Operator] = {}
    for rule in rules:
        if any(_means(one, person) for one in rule.entries):
            known = found.get(rule.tenant)
            acts = rule.acts or (known is not None and known.acts)
            found[rule.tenant] = Operator(rule.tenant, who, acts)
    every = found.pop(EVERY, None)
    wider = [one for one in found.values() if every is None or (one.acts and not every.acts)]
    return ([every] if every else []) + sorted(wider, key=lambda one: one.tenant)


def _means(entry: str, person: SignedIn) -> bool:
    if entry.startswith(GROUP):
        return entry.removeprefix(GROUP) in person.groups
    return bool(person.address) and address_key(entry) == address_key(person.address)
