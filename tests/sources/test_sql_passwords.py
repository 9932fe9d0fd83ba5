"""No error of a database tells the password that it was got with, however the driver spells it."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import URL

from calsync.sources.sql.engines import without_password


def told(password: str, text: str) -> str:
    url = URL.create("mysql+pymysql", "me", password, "db.example", database="d")
    return without_password(text, url)


@pytest.mark.parametrize(
    ("password", "text", "masked"),
    [
        ("abc", "cannot sign in (abc)", "cannot sign in (***)"),
        ("abc", "no service me/abc of db", "no service me/*** of db"),
        ("abc", "no service abc/me", "no service ***/me"),
        ("abc", "me abc@db.example", "me ***@db.example"),
        ("abc", 'no "abc"', 'no "***"'),
        ("s3cret!", "near s3cret!x", "near ***x"),
        ("!s3cret", "near x!s3cret", "near x***"),
        ("s3cr/t", "s3cr/t, s3cr%2Ft", "***, ***"),
        ("s3cr t", "s3cr%20t and s3cr+t", "*** and ***"),
        ("d", "DSN=d;PWD=d;UID=me", "DSN=d;PWD=***;UID=me"),
        ("d", "PWD={d};DATABASE=d", "PWD={***};DATABASE=d"),
        ("me", "user=me password=me", "user=me password=***"),
        ("db.example", "host=db.example passwd: 'db.example'", "host=db.example passwd: '***'"),
        ("abc'd", r"near 'abc\'d'", "near '***'"),
        ("abc'd", "near 'abc''d'", "near '***'"),
        ('abc"d', r'near "abc\"d"', 'near "***"'),
        ("abc\\d", r"near 'abc\\d'", "near '***'"),
    ],
)
def test_a_password_is_masked_wherever_a_driver_may_put_it(
    password: str, text: str, masked: str
) -> None:
    assert told(password, text) == masked


@pytest.mark.parametrize(
    ("password", "text"),
    [
        ("column", 'column "nobody" does not exist'),
        ("o", "Unknown column 'none'"),
        ("d", "Access denied to database 'd'"),
        ("me", 'password authentication failed for user "me"'),
        ("s3cret", "s3crets are none"),
        ("", "password= is empty"),
    ],
)
def test_a_password_that_is_an_innocent_word_masks_no_other(password: str, text: str) -> None:
    assert told(password, text) == text
