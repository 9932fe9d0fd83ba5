"""WebDAV's XML: request bodies, and answers read without trusting them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from calsync.untrusted.reading import reads
from providers.caldav.addresses import on_same_origin

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
MAX_DEPTH = 40  # an answer to our questions has 8 levels

ETAG, DATA = f"{DAV}getetag", f"{CALDAV}calendar-data"


@dataclass(frozen=True, slots=True)
class DavResponse:
    """One resource of a multistatus answer.

    url     on the origin that was asked, escaped as the server did
    status  200 when a property was found, else what the server says of the resource
    props   the properties found, by name in Clark notation
    """

    url: str
    status: int
    props: Mapping[str, Element] = field(repr=False)

    def text(self, name: str) -> str | None:
        """The text of a property; None when it is not there or empty."""
        found = self.props.get(name)
        return (found.text or "").strip() or None if found is not None else None

    def names(self, name: str) -> frozenset[str]:
        """The elements somewhere inside a property."""
        found = self.props.get(name)
        return frozenset(part.tag for part in found.iter()) if found is not None else frozenset()

    def hrefs(self, name: str) -> Sequence[str]:
        """The hrefs in a property, as the server wrote them."""
        found = self.props.get(name)
        if found is None:
            return ()
        return [part.text.strip() for part in found.iter(f"{DAV}href") if part.text]


@reads
def read_multistatus(body: bytes, asked: str) -> list[DavResponse]:
    """The responses to a call to `asked`; those that name another origin are left out.

    Raises ValueError, without quoting content, when it is no multistatus or could do harm.
    """
    root = read_xml(body)
    if root.tag != f"{DAV}multistatus":
        raise ValueError("not a multistatus")
    return list(_responses(root, asked))


def read_xml(body: bytes) -> Element:
    """The root of a document without DTD, entities and unreasonable depth. Raises ValueError."""
    depth = 0
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise ValueError("XML nested too deeply")
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise ValueError(f"unusable XML ({type(error).__name__})") from None
    if root is None:
        raise ValueError("no XML")
    return root


@reads
def precondition(body: bytes) -> str:
    """The condition that a refusal names (RFC 4918 16), "" when it names none."""
    try:
        root = read_xml(body)
    except ValueError:
        return ""
    words = [part.tag for part in root if part.tag.startswith((DAV, CALDAV))]
    word = words[0].rpartition("}")[2] if root.tag == f"{DAV}error" and words else ""
    return word if re.fullmatch(r"[a-z][a-z-]{1,60}", word) else ""


def propfind_body(names: Iterable[str]) -> bytes:
    """Asks for properties, named in Clark notation."""
    return _document("D:propfind", _prop(names))


def multiget_body(paths: Iterable[str]) -> bytes:
    """Asks a calendar for the objects at these paths (RFC 4791 7.9)."""
    hrefs = "".join(f"<D:href>{escape(path)}</D:href>" for path in paths)
    return _document("C:calendar-multiget", _prop((ETAG, DATA)) + hrefs)


def uid_query_body(uid: str) -> bytes:
    """Asks a calendar for the events with this UID (RFC 4791 7.8.6). `text-match` finds it inside
    longer ones too."""
    return text_query_body("UID", uid)


def text_query_body(name: str, text: str) -> bytes:
    """Asks a calendar for the events in whose property of this name the text occurs. A property of
    our own is matched like any other (RFC 4791 9.7.2)."""
    return _document(
        "C:calendar-query",
        _prop((ETAG, DATA))
        + '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        + f'<C:prop-filter name="{name}">'
        + f'<C:text-match collation="i;octet">{escape(text)}</C:text-match>'
        + "</C:prop-filter></C:comp-filter></C:comp-filter></C:filter>",
    )


def _document(root: str, inner: str) -> bytes:
    namespaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    return f'<?xml version="1.0" encoding="utf-8"?><{root} {namespaces}>{inner}</{root}>'.encode()


def _prop(names: Iterable[str]) -> str:
    short = (name.replace(DAV, "D:").replace(CALDAV, "C:") for name in names)
    return f"<D:prop>{''.join(f'<{name}/>' for name in short)}</D:prop>"


def _responses(root: Element, asked: str) -> Iterator[DavResponse]:
    for element in root.iterfind(f"{DAV}response"):
        statuses = [_status(element)]
        props: dict[str, Element] = {}
        for part in element.iterfind(f"{DAV}propstat"):
            statuses.append(_status(part))
            if statuses[-1] == 200:
                props.update({prop.tag: prop for prop in part.iterfind(f"{DAV}prop/*")})
        status = 200 if props else next((one for one in statuses if one), 0)
        for href in element.iterfind(f"{DAV}href"):
            if url := on_same_origin(asked, (href.text or "").strip()):
                yield DavResponse(url, status, props)


def _status(element: Element) -> int:
    """The number in "HTTP/1.1 404 Not Found", 0 when there is none."""
    found = re.match(r"\s*HTTP/\S+ (\d{3})", element.findtext(f"{DAV}status") or "")
    return int(found[1]) if found else 0
