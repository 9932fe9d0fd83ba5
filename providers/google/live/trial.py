"""What Google's documentation leaves open, seen at one event. Each question is a switch of the
sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from calsync.core.calls import PreparedRequest, Proof
from calsync.core.ledger import Copy
from calsync.errors import Changed, ChannelError, Missing, Refused
from calsync.ports import Access
from providers.google.client import GoogleClient
from providers.google.mapping import is_tombstone
from providers.http.json_body import Reply


class GoogleTrial:
    """See `calsync.ports.LiveTrial`."""

    def __init__(self, client: GoogleClient) -> None:
        self._client = client

    def standing(
        self, prepared: PreparedRequest, copy: Copy, stale: str, access: Access, until: float
    ) -> Iterator[Proof]:
        key = copy.remote_id or ""
        sent = json.loads(prepared.body)
        shown = self._client.get(key, access, until).get("description")
        same = "as_sent" if shown == sent.get("description") else "reformatted"
        yield Proof("description", "how a description comes back", same)
        try:
            self._client.patch(key, prepared.body, stale, access, until)
            compared = "ignored"
        except Changed:
            compared = "honoured"
        yield Proof("if_match", "a change for an older revision", compared, "honoured")

    def removed(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Iterator[Proof]:
        key = copy.remote_id or ""
        yield Proof(
            "tombstone_details", "what a removed event shows", self._left(key, access, until)
        )
        patched = self._answered(
            lambda: self._client.patch(key, prepared.body, None, access, until)
        )
        yield Proof("patch_tombstone", "a change of a removed event", patched)
        if patched == "revived":
            self._client.delete(key, None, access, until)
        made = self._answered(lambda: self._client.insert(prepared.body, access, until))
        yield Proof("insert_over_tombstone", "making a removed event again", made)
        if made == "revived":
            self._client.delete(key, None, access, until)

    def _left(self, key: str, access: Access, until: float) -> str:
        try:
            found = self._client.get(key, access, until)
        except Missing:
            return "nothing"
        return "keep" if found.get("summary") else "bare"

    def _answered(self, ask: Callable[[], Reply]) -> str:
        try:
            return "kept" if is_tombstone(ask().resource) else "revived"
        except Missing:
            return "gone"
        except Changed:
            return "conflict"
        except Refused as error:
            return "forbidden" if error.reason.startswith("403") else _word(error)


def _word(error: ChannelError) -> str:
    return error.reason.replace(" ", "_")
