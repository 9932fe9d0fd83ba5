from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.core.booked import (
    Agenda,
    BookedSession,
    InPerson,
    Online,
    Participant,
    Program,
    ProgramKind,
    Status,
)
from calsync.core.content import render
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_event, desired_events
from calsync.text import agenda_html
from calsync.text.render import plain
from calsync.text.shorten import Snippet
from tests.core.booking import EDIT, MAYA, SAM, ZOOM, a_session
from tests.text.reading import read

GROUP = Program("prog-9", "Circle of Leaders", ProgramKind.GROUP)
ROOM = InPerson("Room 4", "1 Main St\nTownsville", "Ring twice.\nThen wait.")
DISCREET = Program("prog-7", "Recovery", discreet=True)


def seen(who: Participant = MAYA, **changes: Any) -> DesiredEvent:
    return desired_event(a_session(**changes), who)


def titled(title: str, *others: str, program: Program | None = None) -> str:
    people = [Participant(f"o-{n}", name, "o@example.org") for n, name in enumerate(others)]
    program = program or Program("p", "Engineers")
    return seen(title=title, program=program, participants=(MAYA, *people)).title


def test_everybody_gets_the_session_from_their_own_view() -> None:
    events = desired_events(a_session())
    assert {key: event.title for key, event in events.items()} == {
        "u-1": "Session 1: Getting to know each other with Sam Okafor",
        "u-2": "Session 1: Getting to know each other with Maya Chen",
    }
    assert [event.time_zone for event in events.values()] == ["America/Toronto", "Europe/London"]
    assert "Sam" in events["u-1"].text
    assert "Maya" not in events["u-1"].text


def test_the_whole_description_of_an_online_session() -> None:
    place = replace(ZOOM, phone="+1 234 555", passcode="77")
    event = seen(place=place)
    assert event.text == (
        "Join (Zoom): https://zoom.us/j/123456789?pwd=abc&x=1\n\nPhone: +1 234 555\n\n"
        f"Passcode: 77\n\nView & Edit: {EDIT}\n\nAgenda:\n1. Introductions\n2. Goals\n\n"
        "With: Sam Okafor\n\n"
        "Kept up to date by the platform; please make changes there, not in this entry."
    )
    assert event.html.startswith(
        '<p><a href="https://zoom.us/j/123456789?pwd=abc&amp;x=1">Join (Zoom)</a></p>'
        "<p><b>Phone:</b> +1 234 555</p><p><b>Passcode:</b> 77</p>"
        f'<p><a href="{EDIT}">View &amp; Edit</a></p>'
        "<p><b>Agenda:</b></p><ol><li>Introductions</li><li>Goals</li></ol><p><b>With:</b>"
    )
    assert (event.location, event.join_url, event.url) == (place.url, place.url, EDIT)
    assert event.private is False


def test_an_in_person_session_says_where_and_how_to_find_it() -> None:
    event = seen(place=ROOM)
    assert event.location == "Room 4, 1 Main St, Townsville"
    assert event.join_url == ""
    assert event.text.startswith(
        "Place: Room 4, 1 Main St, Townsville\n\nRing twice.\nThen wait.\n\nView & Edit: "
    )
    assert "<p>Ring twice.<br>Then wait.</p>" in event.html


def test_a_session_without_a_place_says_so() -> None:
    event = seen(place=None)
    assert (event.location, event.join_url) == ("", "")
    assert event.text.startswith("Place: not agreed yet\n\n")


def test_a_call_by_telephone_has_its_number_as_location() -> None:
    event = seen(place=Online("", phone="+1 234 555"))
    assert (event.location, event.join_url) == ("+1 234 555", "")
    assert event.text.startswith("Phone: +1 234 555\n\nView")


def test_a_link_too_long_for_a_location_is_replaced_by_its_name_not_cut() -> None:
    url = "https://zoom.us/j/1?" + "x" * 1500
    assert seen(place=Online(url, "Zoom")).location == "Zoom"
    assert seen(place=Online(url)).location == "Online"
    assert seen(place=Online(url)).join_url == url


def test_view_and_edit_leads_to_the_agenda_else_to_the_session() -> None:
    url = "https://app.example.org/sessions/1001"
    for agenda in (None, Agenda("<p>x</p>")):
        event = seen(agenda=agenda)
        assert event.url == url
        assert f"View & Edit: {url}" in event.text
    bare = seen(agenda=None, url="")
    assert bare.url == ""
    assert "View & Edit" not in bare.text


def test_german_people_read_german() -> None:
    event = seen(replace(MAYA, locale="de-AT"))
    assert event.title.endswith(" mit Sam Okafor")
    assert "Ansehen und bearbeiten: " in event.text
    assert event.locale == "de-AT"


# --- titles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Chat with Sam Okafor", "SAM OKAFOR: goals", "Maya & Sam", "Sam's plan", "(Sam)"]
)
def test_a_title_that_names_the_other_is_left_alone(title: str) -> None:
    assert titled(title, "Sam Okafor") == title


def test_a_short_name_inside_another_word_does_not_count_as_named() -> None:
    assert titled("Personal goals", "Al") == "Personal goals with Al"
    assert titled("Sampling", "Sam Okafor") == "Sampling with Sam Okafor"
    assert titled("与李雷会面", "李雷") == "与李雷会面"


def test_two_others_are_both_named_and_a_crowd_is_not() -> None:
    assert titled("Goals", "Bo", "Al") == "Goals with Al and Bo"
    assert titled("Goals", "Bo", "Al", "Cy") == "Goals"
    assert titled("Goals") == "Goals"


def test_a_group_session_has_the_program_in_its_title() -> None:
    assert titled("Goals", "Sam", program=GROUP) == "Goals · Circle of Leaders"
    assert titled("circle of leaders 3", program=GROUP) == "circle of leaders 3"
    assert titled("Goals", program=replace(GROUP, kind=ProgramKind.PEER)).endswith("Leaders")
    assert seen(title="Goals", program=None).title == "Goals"


def test_a_session_without_a_title_still_has_one() -> None:
    assert titled(" \u202e ", "Sam") == "Appointment with Sam"


def test_a_long_title_keeps_the_name_of_the_other() -> None:
    title = titled("x" * 5000, "Sam Okafor")
    assert title.endswith("… with Sam Okafor")
    assert len(title) < 300


# --- what is never shown -------------------------------------------------------------------------


def test_a_discreet_session_shows_only_when_where_and_the_link() -> None:
    event = seen(program=DISCREET, title="Recovery talk", agenda=Agenda("<p>Relapse</p>", EDIT))
    assert event.private is True
    assert event.title == "Appointment"
    for hidden in ("Recovery", "Relapse", "Sam", "Agenda", "With"):
        assert hidden not in event.text + event.html + event.title
    assert event.location == ZOOM.url
    assert f"View & Edit: {EDIT}" in event.text


def test_an_open_event_without_its_details_shows_only_when_where_and_the_link() -> None:
    event = seen(title="Recovery talk", agenda=Agenda("<p>Relapse</p>", EDIT))
    hidden = render.without_details(event)
    assert (hidden.title, hidden.private) == ("Appointment", True)
    for word in ("Recovery", "Relapse", "Sam", "Agenda", "With"):
        assert word not in hidden.text + hidden.html + hidden.title
    assert (hidden.starts_at, hidden.location) == (event.starts_at, event.location)
    assert f"View & Edit: {EDIT}" in hidden.text
    assert hidden.details == replace(seen().details, people=(), agenda=(0, 0), agenda_html=(0, 0))
    older = render.without_details(replace(event, details=None))
    assert older.details is None
    linkless = render.without_details(replace(event, url=""))
    assert "View & Edit" not in linkless.text
    assert read(linkless.html).wrong == []


@pytest.mark.parametrize(
    "name", ["sam@example.org", "Sam <sam@example.org>", "sam\uff20example.org", "", " \x00"]
)
def test_a_name_that_is_an_address_is_not_shown(name: str) -> None:
    event = seen(participants=(MAYA, replace(SAM, name=name)))
    assert "With: a participant" in event.text
    assert event.title == "Session 1: Getting to know each other"


def test_nobodys_address_is_ever_shown() -> None:
    for event in desired_events(
        a_session(title="Call sam@example.org now (maya@example.org)")
    ).values():
        assert "@" not in event.title + event.text + event.html
        assert event.title.startswith("Call a participant now a participant")


def test_twelve_people_are_named_in_order_and_the_others_counted() -> None:
    crowd = tuple(Participant(f"c-{n}", f"P{n:02}", f"c{n}@example.org") for n in range(20, 0, -1))
    event = seen(program=GROUP, participants=(*crowd, MAYA))
    names = ", ".join(f"P{n:02}" for n in range(1, 13))
    assert f"With: {names} and 8 more\n" in event.text
    exactly = seen(program=GROUP, participants=(*crowd[-12:], MAYA))
    assert f"With: {names}\n" in exactly.text


def test_a_cancelled_session_has_no_events() -> None:
    tombstone = BookedSession("s", "t", a_session().updated_at, Status.CANCELLED)
    assert desired_events(tombstone) == {}


def test_a_session_without_times_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="ses-1001 has no starts_at or ends_at"):
        seen(starts_at=None)


# --- size and hostile input ----------------------------------------------------------------------


def test_a_long_agenda_is_cut_and_leads_on() -> None:
    event = seen(agenda=Agenda(agenda_html("One more word. " * 5000, "text"), EDIT))
    assert "…\n\nContinue reading: " + EDIT in event.text
    assert f'…</p><p><a href="{EDIT}">Continue reading</a></p>' in event.html
    assert 1400 < event.text.count("One more word.") * 15 <= 1500


def test_a_cut_agenda_without_a_link_ends_visibly() -> None:
    html = "<p>" + "x" * 1200 + "</p><p>" + "y" * 1200 + "</p>"
    assert "x\n\n…\n\nWith" in seen(agenda=Agenda(html), url="").text


def test_an_agenda_full_of_long_links_gives_way() -> None:
    link = f'<a href="https://x.example/{"y" * 1900}">more</a> '
    event = seen(agenda=Agenda(f"<p>{link * 50}</p>", EDIT))
    assert len(event.text) <= 8000
    assert len(event.html) <= 8000
    assert "Join (Zoom)" in event.text
    assert "With: Sam Okafor" in event.text


HOSTILE = "<script>alert(1)</script>\"'&<img src=x>\x00\x1b\u202e"
WORDS_LEFT = "<script>alert(1)</script>\"'&<img src=x>"


def test_hostile_fields_are_shown_as_the_words_they_are() -> None:
    event = seen(
        title=HOSTILE,
        place=Online(ZOOM.url, HOSTILE, HOSTILE, HOSTILE),
        participants=(MAYA, replace(SAM, name=HOSTILE)),
    )
    assert read(event.html).wrong == []
    assert read(event.html).text.count(WORDS_LEFT) == 4
    assert event.text.count(WORDS_LEFT) == 4
    assert event.title == f"{WORDS_LEFT}"


def test_links_nobody_should_follow_are_left_out() -> None:
    bad = "javascript:alert(1)"
    event = seen(place=Online(bad, "Zoom"), agenda=Agenda(f'<a href="{bad}">x</a>', bad), url=bad)
    assert (event.join_url, event.url, event.location) == ("", "", "Zoom")
    assert "javascript" not in event.text + event.html


# Without "@": the only addresses a description could show are then those of participants.
NO_AT = st.characters(exclude_characters="@", exclude_categories=["Cs"])
TEXT = st.text(NO_AT, max_size=40) | st.just("x" * 3000) | st.just("a&b<" * 700)
URL = st.sampled_from(["", "https://x.example/" + "&" * 1900, "https://x.example/?a='b'&c", "x"])


@given(
    st.builds(
        a_session,
        title=TEXT,
        program=st.none() | st.builds(Program, TEXT, TEXT, st.sampled_from(ProgramKind)),
        place=st.none()
        | st.builds(Online, URL, TEXT, TEXT, TEXT)
        | st.builds(InPerson, TEXT, TEXT, TEXT),
        agenda=st.none()
        | st.builds(Agenda, TEXT.map(lambda text: agenda_html(text, "markdown")), URL),
        url=URL,
        participants=st.lists(
            st.builds(replace, st.just(SAM), id=TEXT, name=TEXT), max_size=15
        ).map(lambda people: (MAYA, *people)),
    )
)
def test_any_session_gives_a_bounded_balanced_description(session: BookedSession) -> None:
    event = desired_event(session, MAYA)
    page = read(event.html)
    assert page.wrong == []
    assert len(event.text) <= 8000
    assert len(event.title) <= 1024
    assert len(event.location) <= 1024
    assert "\n" not in event.title + event.location
    assert "@example" not in event.text
    event.text.encode()
    words = "".join(plain(event.html).split())
    for _, label in page.links:
        assert "".join(label.split()) in words
    assert escape(event.url) in event.html


def test_the_names_of_a_group_are_put_in_order_once_for_all_its_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = list[BookedSession]()
    of = render.Roster.of
    monkeypatch.setattr(render.Roster, "of", lambda session: made.append(session) or of(session))
    people = tuple(Participant(f"u{n}", f"Person {n}", f"p{n}@home.example") for n in range(50))
    group = a_session(program=GROUP, participants=people)
    events = desired_events(group)

    assert len(made) == 1
    assert events == {one.id: desired_event(group, one) for one in people}


def test_an_agenda_is_read_once_for_all_who_share_a_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = list[tuple[str, int]]()
    shorten = render.snippet

    def counted(html: str, limit: int) -> Snippet:
        read.append((html, limit))
        return shorten(html, limit)

    monkeypatch.setattr(render, "snippet", counted)
    locales = ("en", "de", "en-GB", "tlh", "de-AT")
    people = [replace(SAM, id=f"u{n}", name=f"P{n}", locale=one) for n, one in enumerate(locales)]
    session = a_session(participants=tuple(people))
    events = desired_events(session)

    assert len(read) == 2
    assert events == {one.id: desired_event(session, one) for one in people}
