"""The configuration: complete, checked at once, silent about secrets, documented."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from calsync.config import Config, load
from calsync.config.known import OVERLAID, PROCESS_WIDE, Known, as_variable, dotted
from calsync.errors import ConfigError
from calsync.store.vault import new_key

ROOT = Path(__file__).parent.parent
KEY = new_key()
KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([KEY])}
SECRET = "hunter2-hunter2"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write calsync.toml and return its path."""

    def written(text: str, name: str = "calsync.toml") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def from_env(**variables: str) -> Config:
    """The configuration of these variables (without CALSYNC_) and a key."""
    return load(None, KEYS | {f"CALSYNC_{name}": value for name, value in variables.items()})


def problems(path: Path | None, environ: Mapping[str, str] = KEYS) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def problem(path: Path | None, environ: Mapping[str, str] = KEYS) -> str:
    found = problems(path, environ)
    assert len(found) == 1, found
    return found[0]


# --- values ---------------------------------------------------------------------------------


def test_a_key_alone_is_enough_and_gives_the_defaults() -> None:
    config = load(None, KEYS)
    assert config.database.url.get_secret_value() == "sqlite:///calsync.db"
    assert config.source == ()
    assert (config.deliver.workers, config.deliver.lease_seconds) == (16, 90)
    assert config.deliver.limits.google.per_account == 600
    assert (config.guard.max_changes, config.guard.max_share) == (50, 0.2)
    assert (config.policy.drift, config.policy.handover_cancel) == ("report", True)
    assert (config.retention.content_days, config.retention.journal_days) == (30, 400)
    assert [key.get_secret_value() for key in config.security.keys] == [KEY]


def test_a_variable_wins_over_the_file_and_leaves_the_rest(write: Any) -> None:
    file = write('[mail]\nhost = "smtp.one.example"\nsender = "s@one.example"\nport = 2465\n')
    config = load(file, KEYS | {"CALSYNC_MAIL__HOST": "smtp.two.example"})
    assert (config.mail.host, config.mail.port) == ("smtp.two.example", 2465)
    assert config.mail.sender == "s@one.example"


def test_variables_are_read_by_the_type_of_their_key() -> None:
    config = from_env(
        DELIVER__WORKERS="4",
        DELIVER__DRY_RUN="true",
        DELIVER__LOOK_SHARE="0.5",
        DELIVER__ONLY_TO='["*@corp.example", "maya@example.org"]',
        DELIVER__LIMITS__CALDAV__PER_MINUTE="7",
        MAIL__SENDER_NAME="1234",
    )
    assert (config.deliver.workers, config.deliver.dry_run) == (4, True)
    assert config.deliver.look_share == 0.5
    assert config.deliver.only_to == ("*@corp.example", "maya@example.org")
    assert config.mail.sender_name == "1234"


def test_one_limit_leaves_the_other_and_other_channels_as_they_were(write: Any) -> None:
    limits = load(write("[deliver.limits.caldav]\nper_minute = 7\n"), KEYS).deliver.limits
    assert (limits.caldav.per_minute, limits.caldav.per_account) == (7, 120)
    assert (limits.google.per_minute, limits.mail.per_account) == (10_000, 0)


@pytest.mark.parametrize(
    ("security", "host", "port"),
    [("tls", "smtp.example.org", 465), ("starttls", "smtp.example.org", 587), ("none", "::1", 25)],
)
def test_mail_takes_the_usual_port_of_its_security(security: str, host: str, port: int) -> None:
    config = from_env(MAIL__HOST=host, MAIL__SECURITY=security, MAIL__SENDER="s@example.org")
    assert config.mail.port == port
    assert config.mail.organizer == "s@example.org"


def test_sources_come_from_the_file_and_from_variables_by_name(write: Any) -> None:
    file = write(
        '[[source]]\nname = "one"\nkind = "file"\npath = "a.json"\n'
        '[[source]]\nname = "two"\nkind = "http"\nurl = "https://p.example/feed"\n'
    )
    environ = KEYS | {
        "CALSYNC_SOURCE__TWO__TOKEN": SECRET,
        "CALSYNC_SOURCE__DB_3__KIND": "sql",
        "CALSYNC_SOURCE__DB_3__URL": "sqlite:///p.db",
        "CALSYNC_SOURCE__DB_3__QUERY": "select 1",
        "CALSYNC_SOURCE__DB_3__TENANT": "acme",
    }
    one, two, three = load(file, environ).source
    assert (one.name, one.path, one.poll_seconds) == ("one", "a.json", 30)
    assert (two.name, two.token.get_secret_value()) == ("two", SECRET)
    assert (three.name, three.kind, three.tenant) == ("db_3", "sql", "acme")


def test_a_tenant_lays_its_keys_over_the_defaults(write: Any) -> None:
    file = write(
        '[mail]\nhost = "smtp.example.org"\nsender = "s@example.org"\n'
        "[deliver]\nworkers = 3\n[deliver.limits.google]\nper_minute = 100\n"
        '[tenants.acme.mail]\nsender = "s@acme.example"\n'
        "[tenants.acme.deliver.limits.google]\nper_account = 9\n"
    )
    config = load(file, KEYS | {"CALSYNC_TENANTS__BETA__POLICY__DRIFT": "restore"})
    acme, beta, other = (config.for_tenant(name) for name in ("acme", "beta", "other"))
    assert (acme.mail.host, acme.mail.sender) == ("smtp.example.org", "s@acme.example")
    assert acme.mail.organizer == "s@acme.example"
    assert acme.deliver.limits.google.model_dump() == {"per_minute": 100, "per_account": 9}
    assert (acme.deliver.workers, acme.policy.drift) == (3, "report")
    assert (beta.policy.drift, beta.mail) == ("restore", config.mail)
    assert other.mail == config.mail


def test_a_secret_may_be_in_a_file_without_its_line_end(write: Any, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f" {SECRET} \r\n")
    (tmp_path / "keys").write_text(f"# newest first\n{KEY}\n\n{new_key()}\n")
    file = write(
        f'[mail]\nhost = "h"\nsender = "s@example.org"\nusername = "u"\n'
        f'password_file = "{tmp_path / "password"}"\n'
    )
    config = load(file, {"CALSYNC_SECURITY__KEYS_FILE": str(tmp_path / "keys")})
    assert config.mail.password.get_secret_value() == f" {SECRET} "
    assert len(config.security.keys) == 2
    assert config.security.keys[0].get_secret_value() == KEY


def test_a_secret_of_the_environment_replaces_the_file_named_in_toml(
    write: Any, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("old")
    file = write(f'[mail]\nusername = "u"\npassword_file = "{tmp_path / "password"}"\n')
    config = load(file, KEYS | {"CALSYNC_MAIL__PASSWORD": SECRET})
    assert config.mail.password.get_secret_value() == SECRET


def test_nothing_can_be_changed_afterwards() -> None:
    config = load(None, KEYS)
    with pytest.raises(ValidationError):
        config.mail.host = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        config.mail = config.mail  # type: ignore[misc]


def test_only_the_given_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALSYNC_DELIVER__WORKERS", "3")
    assert load(None, KEYS).deliver.workers == 16


# --- problems -------------------------------------------------------------------------------


def test_all_problems_come_at_once_with_key_origin_and_what_to_write(write: Any) -> None:
    file = write(
        "[mail]\nport = 70000\nhsot = 'x'\n[guard]\nmax_share = 'a lot'\n"
        "[[source]]\nname = 'one'\nkind = 'ftp'\n[tenants.acme.mail]\nsecurity = 'ssl'\n"
    )
    environ = {"CALSYNC_MIAL__HOST": "x", "CALSYNC_POLICY__DRIFT": "ignore"}
    assert sorted(problems(file, environ)) == sorted(
        [
            f"mail.hsot ({file}): is unknown; did you mean mail.host?",
            "CALSYNC_MIAL__HOST: sets nothing; did you mean CALSYNC_MAIL__HOST?",
            f"mail.port ({file}): is out of range; write at most 65535",
            f"guard.max_share ({file}): write a number",
            f'source.one.kind ({file}): write "file", "sql" or "http"',
            f'tenants.acme.mail.security ({file}): write "tls", "starttls" or "none"',
            'policy.drift (CALSYNC_POLICY__DRIFT): write "report" or "restore"',
            "security.keys (not set): no key is set; make one with: "
            "echo k1:$(openssl rand -base64 32)",
        ]
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mial.host = 'x'", "mial ({file}): is unknown; did you mean mail?"),
        ("[retenton]\ncontent_days = 3", "retenton ({file}): is unknown; did you mean retention?"),
        ("[retention]\ncontent_day = 3", "did you mean retention.content_days?"),
        ("[retenton]", "retenton ({file}): is unknown; did you mean retention?"),
        ("mail = 'smtp'", "mail ({file}): is a section; write its keys under [mail]"),
        ("[caldav]\nzzzzzz = 1", "caldav takes allow_private, ca_file"),
        ("qqqq = 1", "Sections are database, google"),
        ("[[sources]]\nname = 'a'", "did you mean source?"),
        ("[source.a]\nkind = 'file'", "begin each source with [[source]]"),
        ("source = 3", "begin each source with [[source]]"),
        ("[[source]]\nkind = 'file'\npath = 'x'", "source[1].name ({file}): is missing"),
        ("[[source]]\nname = 'a'", "source.a.kind (not set, {file}): write"),
        ("[[source]]\nname = 'A-b'\nkind = 'file'\npath = 'x'", "this name cannot be used"),
        ("[[source]]\nname = 'a__b'\nkind = 'file'\npath = 'x'", "this name cannot be used"),
        ("[[source]]\nname = 'a_'\nkind = 'file'\npath = 'x'", "this name cannot be used"),
        ("[[source]]\nname = 'a'\nkind = 'file'", "source.a.path (not set, {file}): is needed"),
        (
            "[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\nquery = 'y'",
            "a.query ({file}): mean",
        ),
        ("[[source]]\nname = 'a'\nkind = 'sql'\nurl = 'sqlite:///x'", "source.a.query"),
        ("[[source]]\nname = 'a'\nkind = 'sql'\nurl = 'x.db'\nquery = 'y'", "SQLAlchemy URL"),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'p.example'", "beginning with https://"),
        ("[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\npoll_seconds = 0", "at least 1"),
        ("[tenants.acme.retention]\ncontent_days = 1", "write it as retention"),
        ("[tenants.acme.deliver]\ndry_run = true", "write it as deliver.dry_run"),
        ("[tenants.acme.mial]\nhost = 'x'", "did you mean tenants.acme.mail?"),
        ("[tenants.Acme.guard]\nmax_changes = 1", "tenants.Acme ({file}): this name cannot"),
        ("tenants.acme = 1", "write its keys under [tenants.acme]"),
        ("[tenants.acme.guard]\nmax_share = 2", "tenants.acme.guard.max_share ({file}): is out of"),
        ("[database]\nurl = 'mysql://x/y'", "database.url ({file}): cannot be used; write sqlite"),
        ("[database]\nurl = 'sqlite://'", "cannot be used"),
        ("[database]\nurl = 'sqlite:///:memory:'", "cannot be used"),
        ("[database]\nurl = 3", 'database.url ({file}): write text, in quotes: "..."'),
        (
            "[google]\napi_base = 'http://www.googleapis.com'",
            "google.api_base ({file}): plain http",
        ),
        (
            "[google]\ntoken_uri = 'http://127.0.0.1@evil.example/'",
            "plain http is for this machine",
        ),
        ("[google]\nauth_uri = 'accounts.google.com'", "beginning with https://"),
        ("[google]\nclient_id = 'x'", "google.client_secret (not set, {file}): is needed together"),
        ("[google]\ndomains = ['corp.example']", "google.service_account_file"),
        ("[google]\ndomains = 'corp.example'", 'write a list: ["...", "..."]'),
        ("[google]\nservice_account_file = '/nowhere.json'", "No such file or directory"),
        ("[outlook]\nclient_id = 'x'", "outlook.client_secret"),
        ("[outlook]\nclient_secret = 'x'", "outlook.client_id"),
        ("[outlook]\ngraph_base = 'ftp://x'", "outlook.graph_base"),
        ("[mail]\nsender = 's@example.org'", "mail.host (not set, {file}): is needed together"),
        (
            "[mail]\nhost = 'x'\nsender = 'S <s@example.org>'",
            "mail.sender ({file}): write one plain",
        ),
        ("[mail]\nhost = 'x'\nsender = 's@example.org'\norganizer = 'o'", "mail.organizer"),
        (
            "[mail]\nhost = 'smtp://x'\nsender = 's@example.org'",
            "mail.host ({file}): write the serv",
        ),
        ("[mail]\nhost = '10.0.0.1'\nsender = 's@e.org'\nsecurity = 'none'", "mail.security"),
        (
            "[mail]\nhost = 'localhost.e.org'\nsender = 's@e.org'\nsecurity = 'none'",
            "mail.security",
        ),
        ("[mail]\nusername = 'x'", "mail.password"),
        ("[mail]\nca_file = '/nowhere.pem'", "mail.ca_file ({file}): the file cannot be read"),
        ("[mail]\ntimeout_seconds = nan", "mail.timeout_seconds"),
        ("[web]\nreconnect_url = 'http://platform.example/'", "web.reconnect_url ({file}): plain"),
        (
            "[deliver]\nonly_to = ['corp.example']",
            "deliver.only_to ({file}): write address pattern",
        ),
        ("[deliver]\nworkers = 1.5", "deliver.workers ({file}): write a whole number"),
        ("[deliver]\ndry_run = 'perhaps'", "deliver.dry_run ({file}): write true or false"),
        (
            "[deliver.limits.gogle]\nper_minute = 1",
            "did you mean deliver.limits.google?",
        ),
        ("[security]\nkeys = ['nothing']", "security.keys ({file}): key 1: does not start with"),
    ],
)
def test_each_problem_names_its_key_and_what_to_write(write: Any, text: str, says: str) -> None:
    file = write(text)
    environ = {} if "[security]" in text else KEYS
    assert says.format(file=file) in problem(file, environ)


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("CALSYNC_MIAL__HOST", "did you mean CALSYNC_MAIL__HOST?"),
        ("CALSYNC_MAIL_HOST", "did you mean CALSYNC_MAIL__HOST?"),
        ("CALSYNC_MAIL__HOTS", "did you mean CALSYNC_MAIL__HOST?"),
        ("CALSYNC_SOURCE__ONE__ULR", "did you mean CALSYNC_SOURCE__ONE__URL?"),
        ("CALSYNC_TENANTS__ACME__MIAL__HOST", "did you mean CALSYNC_TENANTS__ACME__MAIL__HOST?"),
        ("CALSYNC_TENANTS__ACME__DELIVER__WORKERS", "write CALSYNC_DELIVER__WORKERS"),
        ("CALSYNC_MAIL__PASSWORD_FIEL", "did you mean CALSYNC_MAIL__PASSWORD_FILE?"),
        ("CALSYNC_XQZ", "write CALSYNC_SECTION__KEY"),
        ("CALSYNC_MAIL", "sets nothing"),
        ("CALSYNC_SOURCE", "sets nothing"),
        ("CALSYNC_", "sets nothing"),
        ("CALSYNC_SOURCE__A__B__URL", "sets nothing"),
    ],
)
def test_a_misspelt_variable_is_told(variable: str, says: str) -> None:
    found = problem(None, KEYS | {variable: SECRET})
    assert found.startswith(f"{variable}: ")
    assert says in found


def test_the_variable_that_names_the_file_and_strangers_are_no_problem() -> None:
    load(None, KEYS | {"CALSYNC_CONFIG": "x.toml", "PATH": "/bin", "MYCALSYNC_MAIL__X": "1"})


def test_a_list_in_a_variable_must_be_json() -> None:
    found = problem(None, KEYS | {"CALSYNC_DELIVER__ONLY_TO": "*@corp.example"})
    assert found == 'deliver.only_to (CALSYNC_DELIVER__ONLY_TO): write a list: ["...", "..."]'


def test_two_sources_cannot_share_a_name(write: Any) -> None:
    one = "[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\n"
    assert "'a' occurs twice" in problem(write(one + one))


def test_a_source_cannot_be_renamed_by_a_variable(write: Any) -> None:
    file = write("[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\n")
    found = problem(file, KEYS | {"CALSYNC_SOURCE__A__NAME": "b"})
    assert found == "source.a.name (CALSYNC_SOURCE__A__NAME): the name is already a; delete this"


def test_a_default_that_is_wrong_is_told_once_and_not_for_each_tenant(write: Any) -> None:
    file = write("[mail]\nport = 0\n[tenants.a.mail]\nusername=''\n[tenants.b.mail]\nusername=''\n")
    assert problem(file) == f"mail.port ({file}): is out of range; write at least 1"


def test_a_secret_and_its_file_together_are_a_problem(write: Any, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("x")
    file = write(f"[mail]\nusername = 'u'\npassword = 'x'\npassword_file = '{tmp_path / 'p'}'\n")
    assert "mail.password_file" in problem(file)
    assert "delete one of the two" in problem(file)
    both = {"CALSYNC_DATABASE__URL": "sqlite:///x", "CALSYNC_DATABASE__URL_FILE": str(file)}
    assert "CALSYNC_DATABASE__URL, CALSYNC_DATABASE__URL_FILE" in problem(None, KEYS | both)


def test_a_secrets_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, why in [
        (str(tmp_path / "none"), "No such file"),
        (str(tmp_path), "Is a directory"),
        (str(tmp_path / "empty"), "the file is empty"),
        (str(tmp_path / "binary"), "UTF-8"),
        ("\0", "names no file"),
    ]:
        found = problem(None, KEYS | {"CALSYNC_DATABASE__URL_FILE": name})
        assert found.startswith("database.url_file (CALSYNC_DATABASE__URL_FILE): ")
        assert why in found


def test_a_missing_or_broken_file_is_told_beside_the_rest(write: Any, tmp_path: Path) -> None:
    environ = KEYS | {"CALSYNC_XQZ": "1"}
    missing, other = problems(tmp_path / "none.toml", environ)
    assert "none.toml: cannot be read (No such file or directory)" in missing
    assert other.startswith("CALSYNC_XQZ")
    assert "line 2" in problems(write("[mail]\nhost = smtp"), environ)[0]
    (tmp_path / "latin.toml").write_bytes(b"[mail]\nsender_name = 'J\xf6rg'")
    assert "UTF-8" in problems(tmp_path / "latin.toml", environ)[0]


# --- secrets --------------------------------------------------------------------------------


def test_no_secret_is_in_any_repr_str_or_format(tmp_path: Path) -> None:
    known = Known()
    environ = dict(KEYS)
    for path in known.secrets:
        if path not in (("security", "keys"), ("database", "url")) and "*" not in path:
            environ[as_variable(path)] = SECRET
    environ |= {
        "CALSYNC_DATABASE__URL": f"postgresql://u:{SECRET}@h/d",
        "CALSYNC_GOOGLE__CLIENT_ID": "id",
        "CALSYNC_OUTLOOK__CLIENT_ID": "id",
        "CALSYNC_MAIL__USERNAME": "u",
        "CALSYNC_SOURCE__A__KIND": "http",
        "CALSYNC_SOURCE__A__URL": f"https://h/?key={SECRET}",
        "CALSYNC_SOURCE__A__TOKEN": SECRET,
        "CALSYNC_TENANTS__ACME__MAIL__PASSWORD": SECRET,
    }
    config = load(None, environ)
    assert config.for_tenant("acme").mail.password.get_secret_value() == SECRET
    for one in (config, config.mail, config.source, config.for_tenant("acme"), config.security):
        for text in (repr(one), str(one), f"{one}"):
            assert SECRET not in text
            assert KEY[-20:] not in text


@given(st.data())
def test_no_value_at_all_is_in_any_problem(data: st.DataObject) -> None:
    known = Known()
    paths = data.draw(st.lists(st.sampled_from(known.paths), min_size=1, max_size=6))
    environ = {as_variable(path).replace("*", "ACME"): SECRET for path in paths}
    environ["CALSYNC_XQZ"] = SECRET  # so that there is a problem for certain
    with pytest.raises(ConfigError) as caught:
        load(None, environ)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_every_key_that_sounds_secret_is_one() -> None:
    known = Known()
    for path, info in known.fields.items():
        if re.search(r"secret|password|token$|keys?$", path[-1]):
            assert path in known.secrets, path
        assert (info.annotation in (SecretStr, tuple[SecretStr, ...])) == (path in known.secrets)


# --- example and docs -----------------------------------------------------------------------


def uncommented(drop: str, tmp_path: Path) -> str:
    """The example with every setting in use; of two alternatives those matching `drop` go."""
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    instead = {re.split(r"\W+", line)[1] for line in lines if "# instead of" in line}
    replaced = {name.removesuffix("_file") for name in instead} - {"certificate"}
    kept = []
    for line in lines:
        found = re.match(r"#(\w+) = |#\[", line)
        if found and drop == "files" and "# instead of" in line:
            continue
        if found and drop == "values" and found[1] in replaced and f"#{found[1]}_file" in text:
            position = lines.index(line)
            if f"#{found[1]}_file" in "\n".join(lines[position + 1 : position + 3]):
                continue
        kept.append(line[1:] if found else line)
    text = "\n".join(kept).replace("k1:WRITE-THE-OUTPUT-OF-THE-COMMAND-ABOVE", KEY)
    contents = {"database_url": "sqlite:///x.db", "platform_url": "sqlite:///p.db"}
    for name in set(re.findall(r'"(/(?:run|etc)/[^"]*)"', text)):
        file = tmp_path / Path(name).name
        file.write_text(contents.get(file.name, KEY))
        text = text.replace(name, str(file))
    return text


def test_the_example_loads_as_it_is_with_a_key() -> None:
    assert load(ROOT / "config.example.toml", KEYS).source == ()


def test_the_example_loads_with_every_comment_in_use(write: Any, tmp_path: Path) -> None:
    config = load(write(uncommented("files", tmp_path)), {})
    assert [one.kind for one in config.source] == ["file", "sql", "http"]
    assert config.for_tenant("acme").mail.host == "smtp.acme.example"
    assert config.outlook.client_secret.get_secret_value() == "..."


def test_the_example_loads_with_every_secret_in_its_file(write: Any, tmp_path: Path) -> None:
    text = uncommented("values", tmp_path)
    text = re.sub(r"(?m)^certificate_file.*$", "", text)  # the other alternative to the secret
    config = load(write(text), {})
    assert config.database.url.get_secret_value() == "sqlite:///x.db"
    assert config.mail.password.get_secret_value() == KEY


def test_the_example_shows_the_real_defaults(write: Any, tmp_path: Path) -> None:
    example, default = load(write(uncommented("files", tmp_path)), {}), load(None, KEYS)
    for name in ("deliver", "guard", "policy", "retention", "caldav", "mail", "web"):
        shown, real = (getattr(one, name).model_dump() for one in (example, default))
        for key, value in real.items():
            if not isinstance(value, str | tuple | SecretStr):
                assert shown[key] == value, f"{name}.{key}"


def test_every_setting_is_in_the_example() -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    for path in Known().paths:
        if path[0] == "tenants":
            continue
        header = "source" if path[0] == "source" else dotted(path[:-1])
        parts = re.split(rf"(?m)^#?\[+{re.escape(header)}\]+$", text)[1:]
        below = "\n".join(re.split(r"(?m)^#?\[", part)[0] for part in parts)
        assert re.search(rf"(?m)^#{path[-1]} = ", below), dotted(path)


def test_the_documentation_has_every_setting_with_its_default_and_no_other() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"(?m)^\| `([a-zA-Z_.]+)` \| `(.*?)` \|", text))
    meanings = dict(re.findall(r"(?m)^\| `([a-zA-Z_.]+)` \| `.*?` \| ?(.*) \|$", text))
    known = Known()
    fields = {path: info for path, info in known.fields.items() if path[0] != "tenants"}
    assert set(rows) == {dotted(path).replace("*", "NAME") for path in fields}
    for path, info in fields.items():
        name = dotted(path).replace("*", "NAME")
        value = info.default
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        assert json.loads(rows[name]) == (list(plain) if isinstance(plain, tuple) else plain), name
        assert meanings[name].startswith("*secret*") == (path in known.secrets), name


def test_the_documentation_says_what_tenants_may_set() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    part = text[text.index("### `[tenants.NAME.SECTION]`") :]
    names = [*OVERLAID, *(path[1] for path in PROCESS_WIDE)]
    assert all(f"`{name}`" in part or f"`[{name}]`" in part for name in names)
