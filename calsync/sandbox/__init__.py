"""Google, Microsoft, mailboxes and people on loopback, for tests, the demo and benchmarks.

    from calsync.sandbox import Sandbox

    with Sandbox() as sandbox:
        sandbox.add_person("maya@example.org", time_zone="America/Toronto", google=True)
        refresh = sandbox.grant("maya@example.org")

Sandbox(*, host="127.0.0.1", port=0, smtp_port=0, latency=0.0, now=None). Port 0 takes a free one,
latency is in seconds, now() gives an aware datetime. As a process:

    python -m calsync.sandbox [--port N] [--smtp-port N] [--latency-ms N] [--forever]

prints one JSON line when it is ready: url, smtp_host, smtp_port, auth_uri, token_uri, revoke_uri,
control, client_id, client_secret, outlook_tenant, outlook_client_id, outlook_client_secret. It runs
until SIGTERM, SIGINT or, without --forever, until its standard input is closed.

Attributes
    url             http://127.0.0.1:N without a slash: [google] api_base. The API is below
                    {url}/calendar/v3/, the page for people at {url}/. It is [outlook]
                    graph_base and authority too: Graph is below {url}/v1.0/, its sign-in service
                    below {url}/{tenant}/
    auth_uri, token_uri, revoke_uri, client_id, client_secret, smtp_host, smtp_port
    outlook_tenant, outlook_client_id, outlook_client_secret

People
    add_person(address, *, name="", time_zone="UTC", google=False, outlook=False,
               client=None, invitations="everyone", contacts=())
        google: has a Google calendar too (primary = address); outlook: has an Outlook one. client:
        gmail, exchange or apple, how the mailbox treats invitations; without it exchange where
        outlook is set, else gmail. invitations (gmail): everyone, known or respond.
        A mailed invitation of a gmail person with a Google calendar lands in that calendar
        (iCalUID = UID, foreign organizer); that of an exchange person with an Outlook one lands
        tentatively in that (iCalUId = the UID as Exchange encodes it). Mail to an unknown address:
        550 5.1.1. Adding again changes the settings and keeps calendar and mails.
    people() -> list[str]
    add_staff(address, name="", groups=(), claims=None)
        An account at the organization's own sign-in service (OpenID Connect), whose issuer is
        {url}/staff and whose client_id and client_secret are those of `staff`; claims are laid over
        what its id_token says.

Tokens
    grant(person, scopes=None) -> str         Google's refresh token; ends an earlier revoke;
                                              by default for openid, email, calendar.events.owned
    access_token(person, scopes=None, expires_in=3600) -> str
    grant_outlook(person, scopes=None)        the same of Microsoft's; the default scopes are
                                              Calendars.ReadWrite and User.Read
    outlook_token(person="", scopes=None, expires_in=3600)
                                              a Graph token; without a person the application's,
                                              with Calendars.ReadWrite in every mailbox
    expire_tokens(person)                     live access tokens answer 401, refreshing works
    expire_delta_links(person)                Graph has lost this mailbox's delta rounds
    revoke(person, provider=None)               refreshing: 400 invalid_grant, live tokens: 401, a
                                              service account for this subject: invalid_grant;
                                              provider google or outlook: only there
    register_redirect(provider, uri)            where sign-in may send browsers back to; none: any
                                              address of this machine
    need_approval(person, provider, needed=)    an administrator must consent first
    expire_codes()                            authorization codes are too old
    take_calendar(person, provider)             the account stays, without a calendar
    make_certificate() -> dict                private_key and public_certificate (PEM) of the
                                              application at Microsoft
    make_service_account(scopes=None) -> dict a key file; other scopes: unauthorized_client
    GET {auth_uri} and Microsoft's /TENANT/oauth2/v2.0/authorize and /TENANT/v2.0/adminconsent:
    pages for browsers
    POST {token_uri} (authorization_code, refresh_token, JWT bearer), POST {revoke_uri} (token)
    GET {url}/{tenant}/v2.0/.well-known/openid-configuration, POST {url}/{tenant}/oauth2/v2.0/token
        (refresh_token, and for the application client_credentials; client_secret, or
        client_assertion by a certificate). tenant: outlook_tenant, organizations or common. The
        discovery document says https, for MSAL; everything is served as http at the same place

Looking
    shown(person) -> list[ShownEvent]         calendar, mail-made events and registered view
                                              together, by start. title, starts_at, ends_at (aware
                                              UTC), location, description, where (google,
                                              outlook, mail, caldav), uid, id (Google's,
                                              Outlook's immutable one, else the uid), status
                                              (confirmed, tentative), ours (no mail made
                                              it), guests (others' addresses), url
    mails(person) -> list[Mail]               sender, recipient, subject, text, html, method
                                              (REQUEST, CANCEL, ""), uid, sequence, message_id,
                                              received_at, raw (str); oldest first
    events(person) -> list[dict]              Google resources as stored, tombstones included
    outlook_events(person) -> list[dict]      Graph resources as stored, deleted ones included, with
                                              folder (calendar, other, deleted), content (the body
                                              as sent) and singleValueExtendedProperties
    outbox() -> list[dict]                    mails Google or Exchange would have sent for API
                                              calls: kind, person, event, to. Tests assert it is
                                              empty
    violations() -> list[str]                 breaches of discovery document or contract. Tests
                                              assert it is empty
    subscriptions(person) -> list[dict]       live subscriptions to the person's Outlook events, as
                                              Graph tells them, with clientState
    requests(person=None) -> list[Request]    method, path (no query), person, status (0: cut);
                                              providers' APIs and token endpoints
    counts(path_contains="") -> dict          {person: {method: n}}; "" is an unknown token
    google_usage() -> dict                    of Google's quota since google_quota(): answered,
                                              refused, project_minute and person_minute (the most
                                              requests of any minute, of all and of one person)
    forget_requests()                         empties request log, violations and outbox
    wait_for(condition, seconds=10.0)         polls a callable; raises TimeoutError

Faults, for the providers' APIs and token endpoints; the first that fits is taken
    match: {"method", "path_contains", "person"}, each optional; times=None: until clear_faults()
    fail(match=None, *, status, reason="", message="", retry_after=None, times=1)
        no work is done. Without a reason the body is a gateway's HTML, not the provider's JSON. For
        Graph the reason is error.code (429 ApplicationThrottled, 412 ErrorIrresolvableConflict,
        404 MailboxNotEnabledForRESTAPI ...), for Microsoft's sign-in service OAuth's word or
        AADSTS with a number (AADSTS53003). A part of a $batch is hit by a match of its own method
        and path; the envelope's path ends in $batch
    drop(match=None, *, times=1)              cut, no work done
    commit_then_drop(match=None, *, times=1)  work done, cut without an answer
    commit_then_504(match=None, *, times=1)   work done, answer 504 backendError
    commit_then_fail(match=None, *, status, reason="", message="", retry_after=None, times=1)
                                              work done, answered as `fail` does (403
                                              ErrorAccountSuspend was seen like that)
    slow(seconds, match=None, *, times=1)     work done at once, answer after `seconds`
    drip(seconds, match=None, *, times=1)     work done at once, a byte every `seconds`
    latency(seconds)                          every request takes this much longer
    google_quota(project=, person=)           more requests in any minute (a sliding window) are
                                              refused: 429 rateLimitExceeded, 403
                                              userRateLimitExceeded; 0, as it begins: any number
    fail_smtp(stage="rcpt", *, code=451, message="4.3.0 try again later", person=None, times=1)
        stage: rcpt, data (answer the code), drop_before_data (cut at the DATA command),
        drop_after_data (delivered, then cut without the 250)
    clear_faults()
    subscription_lifecycle(person, event)     missed, reauthorizationRequired or subscriptionRemoved
                                              (and it is), told to each lifecycleNotificationUrl
    notification_patience(seconds)            how long Graph waits for answers to its validation
                                              requests and notifications; 10 to begin with

People's own acts; event_id is the provider's id, or the uid of an event that a mail client keeps
    user_deletes(person, event_id)            user_adds_guest(person, event_id, guest)
    user_moves(person, event_id, starts_at, ends_at=None)
    user_edits(person, event_id, **fields)    the provider's field names: summary=, subject=
    user_moves_to_other_calendar(person, event_id)
    user_copies(person, event_id) -> id (Outlook)
    user_responds(person, uid, answer="accepted")   accepted, declined, tentative
    user_opens_mails(person)                  purge_tombstones(person)

Switches between rival behaviours of unconfirmed facts; switch(name, value), switches() -> dict
    tombstone_details       keep | bare           patch_tombstone      kept | forbidden | gone |
    insert_over_tombstone   conflict | revived                         revived
    uid_list_tombstones     True | False          property_list_tombstones  True | False
    properties_match        all | any             short_pages          False | True
    description             as_sent | reformatted guest_patch          ignored | forbidden | local
    moved_properties        kept | lost
    repeated_uid            conflict | accepted   rotate_refresh_tokens     False | True
    refresh_id_token        True | False
    redirect_iss            True | False
    codes                   live | expired        renamed_zone  known | by_old_name | unknown
    exchange_waits          cancel | all | none   (what waits for user_opens_mails)
    exchange_cancel         removed | marked      transaction_after_delete  new | answered |
    transaction_conflict    400 | 409                                       conflict
    existing_event_annotation  False | True       deleted_by_id         found | missing
    property_filter_deleted False | True          uid_filter            True | False
    if_match                honoured | ignored    mixed_ids             accepted | refused
    decline_mail            False | True          copied_property       True | False
    zone_names              documented | any      batch_same_mailbox    queued | throttled
    concurrency             mailbox | app         old_refresh_tokens    valid | ended
    api_delete              moved | purged        transaction_memory    kept | forgotten
    mailed_uid              global_object_id | plain
    revoked_access_tokens   ended | live          unknown_user  Request_ResourceNotFound |
                                                      ResourceNotFound | ErrorInvalidUser
    delta_outside           removed | left | silent     delta_repeats   False | True
    old_next_links          ended | valid         delta_lost    SyncStateNotFound |
                                                      resyncRequired | syncStateNotFound
    subscription_minutes    10080 | 10070 | 4230  validation_failed     ValidationError |
    renewal_validated       True | False                                InvalidRequest
    unsure_subscription     delivered | lost      (while it awaits reauthorization)
    The first is the default; switches.py says what each is about.

Google as it is modelled
    events insert, get, list, patch, delete of the primary calendar and of a second one, which a
    person has once they moved an event there; calendarList.list; other operations, recurring
    events and the list parameters q, orderBy, sharedExtendedProperty answer 501. A syncToken
    answers 410 fullSyncRequired. Times come back with the calendar's offset: compare instants.
    `fields` and If-Match work. Every request is checked against the discovery document.

Graph as it is modelled
    /me, /me/calendar, /me/events and /me/calendar/events (create, get, PATCH, DELETE, list),
    /me/calendarView and its delta (startDateTime and endDateTime, then links; Prefer:
    odata.maxpagesize), the same below /users/{id or address}, $batch. $filter by iCalUId, by a
    string extended property and by start or end; $select, $expand of extended properties, $orderby,
    $top, $skip. Teams, series, permanentDelete, cancel, events/delta and other calendars answer
    501. Four requests at a time for one mailbox, then 429. Bodies are checked
    against Graph's metadata (graph_schema.json): unknown names, wrong words and types answer 400.
    Violations are these, writes of read-only fields, events without Prefer: IdType="ImmutableId", a
    create without transactionId, a dateTime with an offset, what delta refuses. Exchange mails
    whenever there are attendees.
    /subscriptions (create, list, get, PATCH of expirationDateTime, DELETE, reauthorize) to
    /me/events or /users/{id or address}/events. Microsoft takes https addresses only; here http
    serves on this machine, and other machines are never called. Each address has to give back the
    validation token. created, updated and deleted events are posted at once, by API or by hand; one
    that is not answered with 2xx is sent again 4 times within a second, then given up and told as
    missed. Notifications with resource data, $filter, other resources and the limit of 1000
    subscriptions to a mailbox are not modelled. Violations are also a wrong subscription and one
    without clientState or Prefer: IdType="ImmutableId".

Calendars from elsewhere
    register_view(person, source, *, username="", password="")
        source: URL of a CalDAV collection that answers GET with an ICS, or a callable ->
        list[ShownEvent]

HTTP
    POST {url}/control/<method> with the arguments as a JSON object; GET with a query for Looking
    and `info`. 200 {"result": ...}, 400 or 404 {"error": "..."}. Times are ISO 8601 with offset.
    RemoteSandbox(url) has the same methods and results; callables and wait_for do not travel.
"""

from calsync.sandbox.records import Mail, Request, ShownEvent
from calsync.sandbox.remote import RemoteSandbox
from calsync.sandbox.sandbox import Sandbox

__all__ = ["Mail", "RemoteSandbox", "Request", "Sandbox", "ShownEvent"]
