"""Forms of our own pages, told from what another site sent."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import parse_qsl

from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


async def own_fields(request: Request, origin: str, proof: str) -> dict[str, str] | None:
    """The fields of a form that a page of `origin` sent, with the proof that only our own pages
    hold; None for any other."""
    if not _is_ours(request, origin):
        return None
    fields = await posted(request)
    shown = (fields or {}).pop("csrf", "")
    return fields if proof and compare_digest(shown.encode(), proof.encode()) else None


async def posted(request: Request) -> dict[str, str] | None:
    """The fields of a form, whoever sent it; None for what is no form of ours."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return None
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # no form of ours has so many
        return None
    return {name: value.replace("\0", "\ufffd") for name, value in pairs}  # no text in SQL


def _is_ours(request: Request, origin: str) -> bool:
    """By Fetch Metadata, else by Origin. An old browser tells neither under our Referrer-Policy:
    there the proof must do alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    shown = request.headers.get("origin", "null")
    return shown in ("null", origin)
