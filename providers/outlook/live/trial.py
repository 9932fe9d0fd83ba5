"""What Graph's documentation leaves open, seen at one event. Each question is a switch of the
sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator

from calsync.core.calls import PreparedRequest, Proof
from calsync.core.ledger import Copy
from calsync.errors import Changed, ChannelError, Missing
from calsync.ports import Access
from providers.http.json_body import json_bytes
from providers.outlook.client import GraphClient, whole_event
from providers.outlook.errors import MadeBefore


class OutlookTrial:
    """See `calsync.ports.LiveTrial`. The event has no attendees, so that nobody is mailed."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    def standing(
        self, prepared: PreparedRequest, copy: Copy, stale: str, access: Access, until: float
    ) -> Iterator[Proof]:
        try:
            same = json_bytes({"subject": json.loads(prepared.body)["subject"]})
            self._client.patch(copy.remote_id or "", same, stale, access, until)
            compared = "ignored"
        except Changed:
            compared = "honoured"
        yield Proof("if_match", "a change for an older revision", compared)
        another = {**json.loads(prepared.body), "subject": "another"}
        for question, answer in self._made(json_bytes(another), copy, access, until).items():
            text = "a known transactionId with another body"
            yield Proof(question, text, answer)

    def removed(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Iterator[Proof]:
        (found,) = self._client.read([whole_event(copy.remote_id or "", access)], access, until)
        by_id = "missing" if isinstance(found, Missing) else "found"
        if isinstance(found, ChannelError) and by_id == "found":
            raise found
        yield Proof("deleted_by_id", "a removed event, asked for by its id", by_id)
        made = self._made(prepared.body, copy, access, until)
        answer = made.get("transaction_memory") or "conflict"
        again = {"kept": "answered", "forgotten": "new"}.get(answer, answer)
        yield Proof("transaction_after_delete", "making a removed event again", again)

    def _made(self, body: bytes, copy: Copy, access: Access, until: float) -> dict[str, str]:
        """What a create with the event's transactionId does; another event is removed again."""
        try:
            made = str(self._client.create(body, access, until).resource["id"])
        except MadeBefore as error:
            named = "named" if error.existing else "not_named"
            status = error.reason.partition(" ")[0]
            return {"transaction_conflict": status, "existing_event_annotation": named}
        if made == copy.remote_id:
            return {"transaction_memory": "kept"}
        self._client.delete(made, None, access, until)
        return {"transaction_memory": "forgotten"}
