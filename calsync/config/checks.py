"""What is wrong with an address, a host, a file, or a pair of keys, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import SecretStr

from calsync.core.address import Address, AddressError
from calsync.text.hosts import is_loopback

Problem = tuple[str, str]


def is_address(text: str) -> bool:
    try:
        Address.read(text)
    except AddressError:
        return False
    return True


def is_zone(name: str) -> bool:
    """Whether the time zone data knows a zone of exactly this name."""
    return name in available_timezones()


def plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def has_host(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and not re.search(r"\s", url)


def rest_of(url: str) -> str:
    """What follows the host and port of a web address; "" for one that cannot be read."""
    try:
        return urlsplit(url)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return ""


def endpoint_problems(section: object, *keys: str, empty: bool = False) -> Iterator[Problem]:
    """Credentials and links travel there: https, except to this machine."""
    for key in keys:
        url = getattr(section, key)
        if url or not empty:
            yield from address_problems(key, url)


def address_problems(key: str, url: str) -> Iterator[Problem]:
    if not has_host(url, "https", "http"):
        yield key, "write a whole address, beginning with https://"
    elif urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname or ""):
        yield key, "plain http is for this machine only; use https://"


def feed_problems(url: str, token: str) -> Iterator[Problem]:
    """What is wrong with a feed's address, and with a token that its request must carry."""
    problems = list(address_problems("url", url))
    yield from problems
    if not problems and "@" in urlsplit(url).netloc:
        yield "url", "contains a login, which would be sent instead of the token; use token"
    if not re.fullmatch(r"[\x21-\x7e]*", token):
        yield (
            "token",
            "contains characters that no header can carry; copy it as the platform gave it",
        )


def pair_problems(section: object, first: str, second: str) -> Iterator[Problem]:
    have = [bool(plain(getattr(section, key))) for key in (first, second)]
    if have[0] != have[1]:
        missing, there = (second, first) if have[0] else (first, second)
        yield missing, f"is needed together with {there}; set it, or remove {there}"


def file_problems(section: object, key: str) -> Iterator[Problem]:
    name = getattr(section, key)
    if name and (problem := unreadable(name)):
        yield key, problem


def unreadable(name: str) -> str:
    """Why this file cannot be read and what to do, or "". The name itself is not repeated: a
    secret may have been written there by mistake."""
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - a Path refuses a NUL with another error
            file.read(1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file name"
        return f"the file cannot be read ({reason}); write the name of a file calsync may read"
    return ""
