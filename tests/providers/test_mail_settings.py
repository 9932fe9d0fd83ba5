"""What the mail settings allow, hide and keep."""

from __future__ import annotations

import pytest

from calsync.errors import ConfigError
from tests.make import a_copy
from tests.providers.written_mails import part, some_settings, write


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
