"""What the DNS says of a sender: SPF, DKIM, DMARC, and where answers go."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calsync.ops.doctor.mail.spf import MOST_LOOKUPS, Lookup, SpfRecord, read_spf
from calsync.ops.doctor.registry import CheckAnswer, error, not_checked, ok, warning
from calsync.text.hosts import is_loopback

SEE = "see docs/mail.md"


@dataclass(frozen=True, slots=True)
class DkimName:
    """Under which name mails are signed, and the public key that belongs to ours, in base64 of
    DER."""

    selector: str
    domain: str
    public_key: str


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


# --- SPF -----------------------------------------------------------------------------------------


def spf(domain: str, mail_host: str, ask: Lookup) -> Iterator[CheckAnswer]:
    """Whether the domain says which servers may send for it."""
    found = read_spf(domain, ask)
    if found.found != 1:
        how_many = "no SPF record" if not found.found else f"{found.found} SPF records"
        todo = f'publish exactly one TXT record at {domain} that begins with "v=spf1"; {SEE}'
        yield error(f"{domain} has {how_many}", todo)
        return
    yield from _spf_faults(found)
    yield _spf_names(found, mail_host, ask)


def _spf_faults(found: SpfRecord) -> Iterator[CheckAnswer]:
    for problem in found.problems:
        yield error(problem, "correct the record")
    if found.lookups > MOST_LOOKUPS:
        text = (
            f"it asks the DNS {found.lookups} times; receivers stop at {MOST_LOOKUPS} and fail it"
        )
        yield error(text, "name networks in place of includes that are not needed")
    if found.ends == "+all":
        yield error("it lets every server send for the domain", 'end it with "-all" or "~all"')
    elif found.ends in ("", "?all"):
        yield warning("it says nothing of other servers", 'end it with "-all" or "~all"')


def _spf_names(found: SpfRecord, mail_host: str, ask: Lookup) -> CheckAnswer:
    if is_loopback(mail_host):
        return not_checked(
            "which servers deliver is known to the mail server on this machine",
            f"look whether SPF names them; {SEE}",
        )
    addresses = [*ask(mail_host, "A"), *ask(mail_host, "AAAA")]
    if any(found.allows(one) for one in addresses):
        return ok(f"it names the addresses of {mail_host}; {found.lookups} questions to the DNS")
    return not_checked(
        f"it does not name the addresses of {mail_host}: that is right where other servers of the "
        "provider deliver",
        "send a mail with --to, and look for spf=pass in what arrives",
    )


# --- DKIM ----------------------------------------------------------------------------------------


def dkim(name: DkimName | None, ask: Lookup) -> CheckAnswer:
    """Whether the DNS has the key that belongs to the one we sign by."""
    if name is None:
        return not_checked(
            "calsync does not sign; the mail server may",
            "send a mail with --to and look for dkim=pass there, or set mail.dkim_selector",
        )
    at = f"{name.selector}._domainkey.{name.domain}"
    texts = ask(at, "TXT")
    fault = _dkim_fault(at, texts, name.public_key)
    if fault:
        return error(fault, f'publish one TXT record there: "v=DKIM1; k=rsa; p={name.public_key}"')
    if "y" in tags_of(texts[0]).get("t", "").split(":"):
        return warning(f"the key at {at} says t=y: receivers ignore it", "remove t=y from it")
    return ok(f"{at} has the key that mails are signed by")


def _dkim_fault(at: str, texts: Sequence[str], public_key: str) -> str:
    if len(texts) != 1:
        return f"{at} has {len(texts) or 'no'} record{'s' if texts else ''}"
    tags = tags_of(texts[0])
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") != "rsa" or "p" not in tags:
        return f"the record at {at} is not an RSA key for DKIM"
    published = "".join(tags["p"].split())
    if not published:
        return f"the key at {at} is revoked"
    if not _same(published, public_key):
        return f"the key at {at} is not that of mail.dkim_key"
    return ""


def _same(one: str, other: str) -> bool:
    try:
        return base64.b64decode(one, validate=True) == base64.b64decode(other)
    except ValueError:
        return False


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record of DKIM or DMARC: "v=DMARC1; p=none"."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, mark, value in pairs if mark}


# --- DMARC ---------------------------------------------------------------------------------------


def dmarc(domain: str, signs: DkimName | None, ask: Lookup) -> Iterator[CheckAnswer]:
    """What receivers are to do with mails that pass neither SPF nor DKIM for this domain."""
    at, texts = _policy_at(domain, ask)
    if not texts:
        todo = f'publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none"; {SEE}'
        yield warning(f"{domain} has no DMARC record: large receivers ask for one", todo)
        return
    if len(texts) > 1:
        yield error(f"_dmarc.{at} has {len(texts)} records: receivers ignore them", "keep one")
        return
    tags = tags_of(texts[0])
    policy = tags.get("p", "") if at == domain else tags.get("sp", tags.get("p", ""))
    if policy not in ("none", "quarantine", "reject"):
        yield error(f"_dmarc.{at} has no policy", 'write "p=none", "p=quarantine" or "p=reject"')
        return
    yield _aligned(domain, signs, tags.get("adkim", "r") == "s", policy)


def _policy_at(domain: str, ask: Lookup) -> tuple[str, list[str]]:
    """The record of the domain, else of the nearest one above it that has one."""
    labels = domain.split(".")
    for first in range(max(1, len(labels) - 1)):
        at = ".".join(labels[first:])
        found = [one for one in ask(f"_dmarc.{at}", "TXT") if one.strip().startswith("v=DMARC1")]
        if found:
            return at, found
    return domain, []


def _aligned(domain: str, signs: DkimName | None, strict: bool, policy: str) -> CheckAnswer:
    """SPF is aligned in any case: envelope and From have one address."""
    if signs is not None and strict and signs.domain != domain:
        text = f"the policy is {policy} with adkim=s, and mails are signed for {signs.domain}"
        return error(text, f"set mail.dkim_domain to {domain}, or write adkim=r")
    if policy != "none" and signs is None:
        return ok(f"the policy is {policy}; SPF is aligned, and so must be the server's DKIM")
    return ok(f"the policy is {policy}; SPF and DKIM are aligned")


# --- answers -------------------------------------------------------------------------------------


def takes_mail(address: str, ask: Lookup) -> CheckAnswer:
    """Whether mails to this address can arrive at all."""
    domain = domain_of(address)
    hosts = ask(domain, "MX")
    if list(hosts) == [""]:
        return error(f"{domain} says that it accepts no mail (RFC 7505)", "name another address")
    if hosts:
        return ok(f"mails to {domain} go to {', '.join(sorted(hosts))}")
    if ask(domain, "A") or ask(domain, "AAAA"):
        return warning(f"{domain} has no MX record, only an address", "publish an MX record")
    return error(
        f"{domain} has neither MX record nor address", "name another address, or publish MX"
    )
