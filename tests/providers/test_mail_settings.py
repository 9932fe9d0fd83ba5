"""What the mail settings allow, hide and keep."""

from __future__ import annotations

import pytest

from calsync.core.content.event import Details
from calsync.core.ledger import Do
from calsync.errors import ConfigError
from providers.mail.brand import Brand
from tests.make import a_copy, an_event
from tests.providers.written_mails import parse, part, some_settings, write


@pytest.mark.parametrize("host", ["mx.example.org", "10.0.0.1", "localhost.example.org", "::2"])
def test_plain_text_leaves_this_machine_under_no_setting(host: str) -> None:
    with pytest.raises(ConfigError, match=r"mail\.security"):
        some_settings(host=host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "[::1]", "localhost", "Localhost", "127.9.9.9"]
)
def test_on_this_machine_plain_text_is_allowed(host: str) -> None:
    assert some_settings(host=host).security == "none"


def test_settings_hide_the_password() -> None:
    assert "hunter2" not in repr(some_settings(username="u", password="hunter2"))


def test_the_organizer_text_for_new_copies_keeps_the_name_of_today() -> None:
    made = some_settings(sender_name='Grüße "x" \\; A, B').organizer_text
    data = part(write(copy=a_copy(organizer=made), sender_name="New name"), "text/calendar")
    assert 'ORGANIZER;CN="Grüße x ; A, B":mailto:sessions@platform.example'.encode() in data
    assert some_settings(sender_name="").organizer_text == "sessions@platform.example"


def test_the_name_beside_the_sender_is_of_the_partner_where_there_is_one() -> None:
    made = some_settings(sender_name="{partner} via {brand}", brand=Brand(name="Platform"))
    assert made.shown_name("Sam Okafor") == "Sam Okafor via Platform"
    assert made.own_name == "Platform"
    assert made.organizer_text == '"Platform" <sessions@platform.example>'
    assert some_settings(sender_name="A {brand}", brand=Brand(name="B")).own_name == "A B"


@pytest.mark.parametrize(("others", "name"), [(0, "Sam via B"), (3, "B")])
def test_a_mail_of_two_people_comes_from_the_other_one(others: int, name: str) -> None:
    event = an_event(details=Details(name="Maya Chen", people=("Sam",), others=others))
    data = write(event=event, sender_name="{partner} via {brand}", brand=Brand(name="B"))
    mail = parse(data)
    assert mail["From"].addresses[0].display_name == name
    assert mail["To"].addresses[0].display_name == "Maya Chen"
    assert [one.addr_spec for one in mail["To"].addresses] == ["maya@example.org"]


def test_answers_to_a_copy_go_where_they_went_before_a_change_of_the_organizer() -> None:
    data = write(Do.CHANGE, copy=a_copy(organizer='"Old" <old@platform.example>'))
    assert parse(data)["Reply-To"] == "old@platform.example"
