"""`calsync recipe`: from an empty folder to the first invitation, by configuration alone."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.config import load
from calsync.sources.recipes import catalogue
from tests.cli.rig import SAM, Rig
from tests.cli.test_questions import assert_fits
from tests.commands import Done, run
from tests.sources.recipes.playing import days, each, naive
from tests.sources.recipes.test_calcom import TABLES

ROOT = Path(__file__).parents[2]
NAMES = catalogue.names()


def calsync(folder: Path, *arguments: str) -> Done:
    return run(arguments, folder=folder)


def test_the_list_names_each_recipe_and_what_it_connects(tmp_path: Path) -> None:
    told = calsync(tmp_path, "recipe", "list").out
    assert_fits(told)
    for name in ("easyappointments", "calcom", "librebooking", "moodle"):
        assert re.search(rf"^ ?{name} ", told, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_has_its_page_and_what_it_sets_is_explained_there(name: str) -> None:
    found = catalogue.recipe(name)
    page = (ROOT / found.page).read_text(encoding="utf-8")
    assert f"`{name}`" in page + (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
    shared = [catalogue.recipe(one) for one in NAMES if catalogue.recipe(one).page == found.page]
    parameters = {parameter.name for one in shared for parameter in one.parameters}
    assert not set(re.findall(r"--set (\w+)=", page)) - parameters
    assert "{{" not in found.filled(found.source, {}) + found.filled(found.grant, {})
    used = set(catalogue.PLACE.findall(found.source + found.grant))
    assert used == {one.name for one in found.parameters}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_says_what_is_not_seen_and_holds_the_values(
    tmp_path: Path, name: str
) -> None:
    values = () if name == "calendly" else ("--set", "link=https://there.example")
    told = calsync(tmp_path, "recipe", "show", name, *values).out
    for part in ("Does not see", "How it cancels", "Dates and zones", "The right to read"):
        assert part in told
    assert "https://there.example/" in told or name == "calendly"
    only = calsync(tmp_path, "recipe", "show", name, "--source").out
    (source,) = tomllib.loads(only)["source"]
    assert source["kind"] in ("sql", "http")
    assert ("GRANT SELECT" in told) == (source["kind"] == "sql")
    assert only in calsync(tmp_path, "recipe", "show", name).out
    grant = calsync(tmp_path, "recipe", "show", name, "--grant").out
    assert grant in calsync(tmp_path, "recipe", "show", name).out
    assert grant.strip() == catalogue.recipe(name).filled(catalogue.recipe(name).grant, {}).strip()


@pytest.mark.parametrize("name", NAMES)
def test_init_writes_a_configuration_that_loads_and_its_ledger(tmp_path: Path, name: str) -> None:
    first, *others = catalogue.recipe(name).parameters
    done = calsync(tmp_path, "recipe", "init", name, "--set", f"{first.name}=https://there.example")
    assert (done.code, done.err) == (0, "")
    assert_fits(done.out)
    told = " ".join(done.out.split())
    assert f"in place of {first.example} write" not in told
    for one in others:
        needed = f"- in place of {one.example} write {one.means}"
        usual = f"- {one.example} was written for {one.means}; change it where yours is another"
        assert (usual if one.usual else needed) in told
    file = tmp_path / "calsync.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (source,) = load(file, {}).source
    assert "https://there.example" in file.read_text("utf-8")
    assert f"`calsync source try {source.name}`" in told
    assert (tmp_path / "calsync.db").exists()
    again = calsync(tmp_path, "recipe", "init", name)
    assert again.code == 2
    assert "already exists and stays as it is" in again.err


def test_what_was_broken_off_before_the_ledger_was_made_can_be_gone_on_with(tmp_path: Path) -> None:
    calsync(tmp_path, "recipe", "init", "moodle")
    (tmp_path / "calsync.db").unlink()
    again = calsync(tmp_path, "recipe", "init", "moodle")
    assert "where the ledger is missing, `calsync init` creates it" in again.err
    assert calsync(tmp_path, "init").code == 0
    assert (tmp_path / "calsync.db").exists()


@pytest.mark.parametrize("name", ["calcom", "easyappointments", "librebooking", "moodle"])
def test_a_password_and_a_database_may_hold_any_sign_but_quotes(name: str) -> None:
    values = {"password": "p@ss/w:rd#%1 ?", "database": "my-shop"}
    found = catalogue.recipe(name)
    (source,) = tomllib.loads(found.filled(found.source, values))["source"]
    url = sa.make_url(source["url"])
    assert (url.username, url.password, url.host, url.database) == (
        "calsync_reader",
        values["password"],
        "127.0.0.1",
        "my-shop",
    )
    grant = found.filled(found.grant, values)
    assert f"'{values['password']}'" in grant
    assert not re.search(r"my-shop(?![`\"])", grant)


def test_the_mail_server_of_the_page_completes_what_init_writes(tmp_path: Path) -> None:
    calsync(tmp_path, "recipe", "init", "moodle")
    file, text = tmp_path / "calsync.toml", (ROOT / "docs" / "connect.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n\[mail\]\n(.*?)```", text, re.DOTALL)
    (tmp_path / "password").write_text("secret", "utf-8")
    block = block.replace("/run/secrets/mail_password", str(tmp_path / "password"))
    file.write_text(file.read_text("utf-8").replace("[mail]\n", f"[mail]\n{block}"), "utf-8")
    mail = load(file, {}).for_tenant("default").mail
    assert (mail.host, mail.port, mail.sender_name) == ("smtp.example.org", 465, "Booking")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nothing"), "no recipe is called 'nothing'; there are: calcom, calcom-api,"),
        (
            ("show", "calcom", "--set", "zone=UTC"),
            "recipe calcom has no parameter 'zone'; it takes",
        ),
        (("show", "calcom", "--set", "link"), "--set link has no value"),
        (("show", "calcom", "--set", "link='; DROP"), "the value of link contains a quote"),
        (("init", "calcom", "--set", 'link="""'), "the value of link contains a quote"),
        (("init", "calcom", "--set", "link={{host}}"), "the value of link contains"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    done = calsync(tmp_path, "recipe", *arguments)
    assert done.code == 2
    assert says in done.err
    assert list(tmp_path.iterdir()) == []


def test_from_an_empty_folder_to_the_first_invitation(
    rig: Rig, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> None:
    """With Cal.com's tables, read by the user whom the recipe makes: no other column is theirs."""
    folder = tmp_path_factory.mktemp("empty")
    platform = sa.create_engine(postgres_url)
    found = catalogue.recipe("calcom")
    grants = [one for one in each(found.filled(found.grant, {})) if "ON DATABASE" not in one]
    with platform.begin() as db:
        for one in (*each(TABLES), *grants):
            db.exec_driver_sql(one)
        db.exec_driver_sql(
            "INSERT INTO users (name, email, \"timeZone\") VALUES ('Ada', 'ada@x.example', 'UTC')"
        )
        db.exec_driver_sql(
            'INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime", location)'
            f" VALUES ('u1', 1, 'Kick-off', '{naive(days(3))}', '{naive(days(3))}'::timestamp"
            " + interval '30 minutes', 'Room 4')"
        )
        db.exec_driver_sql(
            f"""INSERT INTO "Attendee" (email, name, "bookingId") VALUES ('{SAM}', 'Sam', 1)"""
        )
    try:
        calsync(folder, "recipe", "init", "calcom", "--set", "link=https://cal.example")
        file = folder / "calsync.toml"
        (source,) = load(file, {}).source
        reader = postgres_url.replace("//calsync@", "//calsync_reader@")
        assert reader != postgres_url
        text = file.read_text("utf-8").replace(source.url.get_secret_value(), reader)
        mail = f"""[mail]
host = "{rig.sandbox.smtp_host}"
port = {rig.sandbox.smtp_port}
security = "none"
sender = "sessions@platform.example"
"""
        only = f'[deliver]\nonly_to = ["{SAM}"]\n'
        file.write_text(text.replace("[mail]\n", mail) + only, "utf-8")
        assert "Kick-off" in calsync(folder, "source", "try", "calcom").out
        done = calsync(folder, "sync", "--now")
        assert done.code == 0, done.out + done.err
        (mailed,) = rig.sandbox.mails(SAM)
        assert "Kick-off" in mailed.subject
        with (
            sa.create_engine(reader, poolclass=sa.NullPool).connect() as db,
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ):
            db.exec_driver_sql('SELECT description FROM "Booking"')
    finally:
        with platform.begin() as db:
            db.exec_driver_sql("DROP OWNED BY calsync_reader")
            db.exec_driver_sql("DROP ROLE calsync_reader")
        platform.dispose()
