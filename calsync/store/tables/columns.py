"""The columns of the tables, as the models beside this file declare them.
sqlmodel takes a second to say so, and is not asked where a ledger is only used.

Made by `pytest --golden tests/store/test_plain_tables.py`, and held to the models by the same. A
column is its name and type, with * for the primary key, ? where it may be NULL, and what stands in
it by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "account": (
            "id:str* tenant:str email:str provider:str vendor_id:str address:str calendar:str "
            'endpoint:str="" username:str="" scopes:str="" grant:str state:str reason:str? '
            "chosen_at:utc? state_at:utc secret:bytes? token:bytes? token_until:utc? "
            "token_version:int=0 lock_token:str? lock_until:utc? check_at:utc? listed_at:utc? "
            "refuses_stale:bool=false"
        ),
        "api_token": (
            "id:str* tenant:str name:str scopes:str hash:str created:utc last_used:utc? "
            "revoked:utc?"
        ),
        "arrival": (
            'id:str* tenant:str email:str name:str="" return_url:str="" locale:str="" '
            "expires_at:utc spent:utc?"
        ),
        "attempt": (
            "id:int* tenant:str session:str participant:str n:int do:str version:int "
            "channel:str account:str? material_fp:str quiet_fp:str wire:bytes? outcome:str "
            "started:utc deadline:utc sends:int=1 maybes:int=0 conflict:bool=false ended:utc? "
            "vendor_request_id:str? answer:str?"
        ),
        "batch": (
            'id:int* tenant:str source:str state:str counts:str="{}" digest:str="" opened:utc '
            "closed:utc? verdict:str? revision:int=0 summary:str?"
        ),
        "booked_session": (
            "tenant:str* id:str* source:str updated_at:utc digest:str status:str program:str? "
            "starts_at:utc? ends_at:utc? time_zone:str? record:packed? stale:str? stored_at:utc "
            "seen_at:utc? missing_since:utc? nobody_since:utc? went_back_at:utc? "
            "gone_since:utc? returned_at:utc? taken_back:bool=false upcoming_hours:int? "
            "record_hash:str?"
        ),
        "consent": (
            "id:str* tenant:str visit:str email:str provider:str step:str sealed:bytes? "
            "created:utc expires_at:utc"
        ),
        "copy": (
            "tenant:str* session:str* participant:str* n:int* uid:str channel:str account:str? "
            'address:str place_key:str state:str organizer:str="" remote_id:str? revision:str? '
            "sequence:int=0 material_fp:str? quiet_fp:str? content:bytes? replace:bool=false "
            "holds:bool=false before:str? seen_version:int? last_attempt:int? look_at:utc? "
            "handed_to:str? looks_done:int=0 message_id:str? marked_private:bool? "
            "generation:int=0 recovered:bool=false refusal:str? refusals:int=0 "
            "refused_version:int? again_at:utc? may_remain:bool=false own_revision:str? "
            "changed_at:utc"
        ),
        "dead_letter": "id:int* tenant:str first:int last:int attempts:int reason:str at:utc",
        "delivery": (
            'tenant:str* session:str* participant:str* email:str person:str="" want:str '
            "content:packed? material_fp:str quiet_fp:str starts_at:utc ends_at:utc "
            "channel:str? account:str? address:str? place_key:str? covered_by:str? "
            "version:int=1 material_version:int=1 batch:int? due_at:utc? settle_from:utc? "
            "settle_until:utc? mail_from:utc? look_at:utc? slot:str? priority:int=1 "
            "attempts:int=0 parked:str? last_error:str? lease_token:str? lease_until:utc? "
            "lease_version:int? stands_until:utc? wanted_since:utc? tell_at:utc? told:str? "
            "told_version:int? cancelled:bool? upcoming_at:utc? upcoming_start:utc?"
        ),
        "fact": (
            'id:int* ident:str tenant:str number:int? at:utc kind:str session:str="" '
            'participant:str="" account:str? detail:str=""'
        ),
        "feed": "tenant:str* last:int=0 purged:int=0",
        "instance": (
            "id:int* namespace:str tzdata:str? configuration:str? heartbeat:utc? owner:str? "
            "owner_until:utc? copied_at:utc? recovered_at:utc? unsubscribing:bytes?"
        ),
        "journal": (
            'id:int* at:utc tenant:str session:str="" participant:str="" n:int? what:str '
            'detail:str=""'
        ),
        "key_canary": "kid:str* number:int fingerprint:str since:utc",
        "lane": "slot:str* lane:int* lease_token:str? lease_until:utc?",
        "limiter": "key:str* tat:utc",
        "mail_count": "tenant:str* session:str* participant:str* day:str* count:int=0",
        "notice": (
            "tenant:str* kind:str* person:str* subject_key:str* wire:bytes? fact:text? "
            "state:str attempts:int=0 due_at:utc? lease_token:str? lease_until:utc? created:utc"
        ),
        "older_version": (
            "tenant:str* session:str* source:str updated_at:utc digest:str record:packed "
            "seen_at:utc since:utc?"
        ),
        "operator_visit": "id:str* kind:str tenant:str who:str acts:bool expires_at:utc spent:utc?",
        "pause": 'tenant:str* channel:str* by:str* reason:str="" since:utc until:utc?',
        "proof": "tenant:str* provider:str* question:str* answer:str proven_at:utc",
        "quarantine": "source:str* record:str* field:str reason:str since:utc",
        "record_warning": (
            'tenant:str* session:str* n:int* source:str participant:str="" field:str reason:str '
            "set_aside:bool=false since:utc"
        ),
        "slot": (
            "slot:str* tenant:str channel:str account:str? cooling_until:utc? failures:int=0 "
            "failing_since:utc? refused_sender:str? next_due:utc?"
        ),
        "source_cursor": (
            "name:str* cursor:text? last_ok:utc? last_error:str? failing_since:utc? "
            "swept_at:utc? swept_with:str? sweep_tried_at:utc? sweep_error:str? asked_soon:str? "
            "asked_later:str? recompute_from:str? poll_token:str? poll_until:utc? "
            "poll_since:utc?"
        ),
        "unexpected_failure": (
            "area:str* error:str* function:str* line:int* count:int first_at:utc last_at:utc "
            'tenant:str="" session:str="" participant:str=""'
        ),
        "unknown_zone": "channel:str* zone:str* since:utc",
        "unsubscribed": "reader:str* category:str since:utc",
        "upcoming_since": "tenant:str* since:utc",
        "visit": (
            'id:str* tenant:str email:str name:str="" return_url:str="" locale:str="" '
            "created:utc expires_at:utc"
        ),
        "webhook": (
            "tenant:str* sent:int attempts:int=0 failing_since:utc? last_error:str? due_at:utc "
            "lease_token:str? lease_until:utc?"
        ),
    }
)
