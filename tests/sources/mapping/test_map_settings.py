"""What is wrong with `[source.map]` is told before anything is asked, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jmespath.functions import Functions as Theirs

from calsync.config import load
from calsync.config.expressions import FUNCTIONS, RECORD
from calsync.config.source_section import MapSection, SourceSection
from calsync.errors import ConfigError
from calsync.sources.mapping.functions import Functions
from calsync.sources.mapping.mapping import MapSettings
from calsync.sources.sql.rows import COLUMNS

NEEDED = {"id": "id", "updated_at": "at", "status": "'booked'"}


def problems(**changes: Any) -> dict[str, str]:
    table = {
        "name": "api",
        "kind": "http",
        "url": "https://x.example/",
        "token": changes.pop("token", ""),
    }
    section = SourceSection.model_validate(
        table | {"map": {"list": "data", "record": NEEDED} | changes}
    )
    return dict(section.check())


def test_what_is_known_here_is_what_the_source_knows() -> None:
    assert set(RECORD) == set(COLUMNS) - {"record"}
    ours = {name.removeprefix("_func_") for name in vars(Functions) if name.startswith("_func_")}
    theirs = {name.removeprefix("_func_") for name in vars(Theirs) if name.startswith("_func_")}
    assert set(FUNCTIONS) == ours | theirs
    assert set(MapSection.model_fields) == set(MapSettings.__dataclass_fields__)


def test_a_mapping_that_is_right_has_no_problems() -> None:
    assert problems(lookup={"s": {"a": "b"}}, next="lookup('s', meta.x)") == {}


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        ({"list": ""}, "map.list", "is needed: where the list of records is"),
        ({"record": {"id": "id", "status": "s"}}, "map.record.updated_at", "is needed"),
        (
            {"record": NEEDED | {"begins": "x"}},
            "map.record.begins",
            "is not a field of a record; it",
        ),
        ({"record": NEEDED | {"title": "a["}}, "map.record.title", "is not a JMESPath expression"),
        ({"next": "(" * 3_000 + "a" + ")" * 3_000}, "map.next", "is nested too deeply"),
        ({"next": "eval(x)"}, "map.next", "has no function eval(); there are: abs"),
        ({"more": "a[?upper(b) == 'x']"}, "map.more", "has no function upper()"),
        ({"keep": "lookup('kinds', x)"}, "map.keep", "names map.lookup.kinds, which is not there"),
        ({"inbound": "payload"}, "map.inbound", "is used with inbound_secret only"),
        ({"username": "me"}, "map.username", "is needed together with map.password"),
        ({"username": "me", "password": "p", "token": "t"}, "map.username", "together with token"),
        ({"body": "{}"}, "map.body", "is sent by POST only"),
        ({"method": "POST", "body": "{page: 1}"}, "map.body", "is not JSON"),
        ({"headers": {"a b": "c"}}, "map.headers", "'a b' cannot be a header"),
        ({"headers": {"x": "a\nb"}}, "map.headers", "'x' cannot be a header"),
        ({"token_header": "Authorization"}, "map.headers", "Authorization is written by calsync"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(changes: dict[str, Any], key: str, says: str) -> None:
    assert says in problems(**changes)[key]


def test_a_file_is_told_all_its_problems_and_another_kind_takes_no_mapping(tmp_path: Path) -> None:
    file = tmp_path / "calsync.toml"
    file.write_text(
        """
[security]
keys = ["k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
[[source]]
name = "api"
kind = "http"
url = "https://x.example/"
[source.map]
list = "a["
first_page = 7
[source.map.record]
id = 5
[[source]]
name = "file"
kind = "file"
path = "x"
[source.map]
list = "data"
"""
    )
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    told = "\n".join(caught.value.problems)
    assert "source.api.map.list" in told
    assert "source.api.map.first_page" in told
    assert "source.api.map.record" in told
    assert "source.file.map" in told
