"""Requests that are made ready on the short way are those that `requests` itself makes."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from providers.http.connections import Http
from providers.http.prepared import PlainRequest, prepared

PATHS = st.text(
    st.sampled_from([*"aZ09-._~!$&'()*+,;=:@/?#[] é\\\"<>^`{|}\n", "\u0301"]), max_size=12
) | st.lists(
    st.sampled_from(
        ["/", "a", "..", ".", "%2F", "%2f", "%41", "%7E", "%C3%A9", "%", "%4", "?", "x=1"]
    )
).map("".join)
HOSTS = st.sampled_from(
    [
        *("a.example", "A.example", "127.0.0.1:8080", "[::1]:80", "u:p@a.example", "a_b.example"),
        *("a.example:0443", "a.example:", "a..example", "xn--bcher-kva.example", "bücher.example"),
    ]
)
URLS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https", "HTTPS"]), HOSTS, PATHS)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "accept", "user-agent", "If-Match", "Content-Type"]),
    st.sampled_from(
        ["Bearer abc", "", '"e-1"', " led", "trailed ", "a\tb", "calsync/1", "é", "a\nb"]
    ),
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "PROPFIND", "REPORT"])


@given(METHODS, URLS, HEADERS, st.sampled_from([None, b"", b"{}"]))
def test_the_short_way_makes_what_requests_makes(
    method: str, url: str, headers: dict[str, str], body: bytes | None
) -> None:
    http = Http(None)
    try:
        request = requests.Request(method, url, headers=headers, data=body)
        expected = http.prepare_request(request)
    except (requests.RequestException, UnicodeError) as error:
        with pytest.raises(type(error)):
            prepared(http, method, url, headers, body)
        return
    made = prepared(http, method, url, headers, body)
    assert (made.method, made.url, made.body) == (expected.method, expected.url, expected.body)
    assert list(made.headers.items()) == list(expected.headers.items())
    assert made.path_url == expected.path_url
    if isinstance(made, PlainRequest):  # of which urllib3 is not told: it would not change it
        assert made.path_url == parse_url(made.url or "").request_uri


@pytest.mark.parametrize(
    "url",
    [
        "https://www.googleapis.com/calendar/v3/calendars/maya%40example.org/events/0a1b"
        "?sendUpdates=none&fields=id%2Cattendees%28email%2Cself%29&alt=json",
        "https://graph.microsoft.com/v1.0/users/maya@example.org/events/AAMk%3D?$select=id%2Cstart",
        "https://dav.example:8443/maya/calendar/0a1b-2c.ics",
        "http://127.0.0.1:5232/",
    ],
)
def test_the_calls_that_are_made_go_the_short_way(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Http, "prepare_request", None)
    assert prepared(Http(None), "PUT", url, {"Authorization": "Bearer a.b-c"}, b"x").url == url
