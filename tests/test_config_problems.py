"""Every problem of the configuration: named with its key and origin, and what to write instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from calsync.config import load
from calsync.errors import ConfigError
from calsync.store.vault import new_key
from tests.conftest import WriteConfig

KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([new_key()])}
SECRET = "hunter2-hunter2"


def problems(path: Path | None, environ: Mapping[str, str] = KEYS) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def problem(path: Path | None, environ: Mapping[str, str] = KEYS) -> str:
    found = problems(path, environ)
    assert len(found) == 1, found
    return found[0]


def test_all_problems_come_at_once_with_key_origin_and_what_to_write_config(
    write_config: WriteConfig,
) -> None:
    file = write_config(
        "[mail]\nport = 70000\nhsot = 'x'\n[guard]\nmax_share = 'a lot'\n"
        "[[source]]\nname = 'one'\nkind = 'ftp'\n[tenants.acme.mail]\nsecurity = 'ssl'\n"
    )
    environ = {"CALSYNC_MIAL__HOST": "x", "CALSYNC_POLICY__DRIFT": "ignore"}
    assert sorted(problems(file, environ)) == sorted(
        [
            f"mail.hsot ({file}): is unknown; did you mean mail.host?",
            "CALSYNC_MIAL__HOST: is not a setting; did you mean CALSYNC_MAIL__HOST?",
            f"mail.port ({file}): is out of range; write at most 65535",
            f"guard.max_share ({file}): write a number",
            f'source.one.kind ({file}): write "file", "sql", "http" or "push"',
            f'tenants.acme.mail.security ({file}): write "tls", "starttls" or "none"',
            'policy.drift (CALSYNC_POLICY__DRIFT): write "report" or "restore"',
            "security.keys (not set): no key is set; make one with: "
            "echo k1:$(openssl rand -base64 32)",
        ]
    )


OUTLOOK = "[outlook]\nclient_id = 'x'\nclient_secret = 'x'\n"


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
            "a.query ({file}): does not apply",
        ),
        ("[[source]]\nname = 'a'\nkind = 'sql'\nurl = 'sqlite:///x'", "source.a.query"),
        ("[[source]]\nname = 'a'\nkind = 'sql'\nurl = 'x.db'\nquery = 'y'", "SQLAlchemy URL"),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'p.example'", "beginning with https://"),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'http://p.example/'", "plain http is for"),
        (
            "[[source]]\nname = 'a'\nkind = 'http'\nurl = 'https://u:p@h/'",
            "a.url ({file}): contains",
        ),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'https://h'\ntoken = 'a b'", "a.token"),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'https://h'\ntoken = 'é'", "a.token"),
        ("[[source]]\nname = 'a'\nkind = 'http'\nurl = 'https://h'\nca_file = '/no'", "a.ca_file"),
        ("[[source]]\nname = 'a'\nkind = 'http'", "source.a.url (not set, {file}): is needed"),
        ("[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\nca_file = 'y'", "a.ca_file"),
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
        (
            "[database]\npooled = true",
            "database.pooled ({file}): is for PostgreSQL behind a pooler",
        ),
        (
            "[database]\nurl = 'postgresql://h/n'\nlisten_url = 'db.internal'",
            "listen_url ({file}): cannot be used; write the",
        ),
        (
            "[database]\nlisten_url = 'postgresql://h/n'",
            "database.listen_url ({file}): is for PostgreSQL; remove it, or correct database.url",
        ),
        ("[database]\nurl = 3", 'database.url ({file}): write text, in quotes: "..."'),
        (
            "[google]\napi_base = 'http://www.googleapis.com'",
            "google.api_base ({file}): plain http",
        ),
        (
            "[google]\ntoken_uri = 'http://127.0.0.1@evil.example/'",
            "plain http is for this machine",
        ),
        ("[google]\ntoken_uri = 'HTTP://evil.example/'", "plain http is for this machine"),
        ("[google]\nauth_uri = 'accounts.google.com'", "beginning with https://"),
        ("[google]\nclient_id = 'x'", "google.client_secret (not set, {file}): is needed together"),
        ("[google]\ndomains = ['corp.example']", "google.service_account_file"),
        ("[google]\ndomains = 'corp.example'", 'write a list: ["...", "..."]'),
        ("[google]\nservice_account_file = '/nowhere.json'", "No such file or directory"),
        ("[outlook]\nclient_id = 'x'", "outlook.client_secret"),
        ("[outlook]\nclient_secret = 'x'", "outlook.client_id"),
        ("[outlook]\ngraph_base = 'ftp://x'", "outlook.graph_base"),
        ("[outlook]\ntenant = 'a/b'", "outlook.tenant"),
        ("[outlook]\ndomains = ['corp.example']\ntenant = 'x'", "outlook.client_id"),
        (f"{OUTLOOK}domains = ['corp.example']", "outlook.tenant"),
        (f"{OUTLOOK}tenant = 'x'\ndomains = ['@corp.example']", "outlook.domains"),
        (
            f"{OUTLOOK}tenant = 'x'\ndomains = ['Corp.example']\n[google]\n"
            "domains = ['corp.example']\nservice_account_file = '/dev/null'",
            "outlook.domains",
        ),
        (
            f"{OUTLOOK}tenant = 'x'\ndomains = ['xn--bcher-kva.example']\n[google]\n"
            "domains = ['Bücher.example']\nservice_account_file = '/dev/null'",
            "outlook.domains",
        ),
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
        ("[web]\npublic_url = 'https://x.example/a'", "web.public_url ({file}): write it without"),
        ("[web]\npublic_url = 'https://[x'", "web.public_url ({file}): write a whole address"),
        ("[web]\nhost = 'http://x'", "web.host ({file}): write one name or address"),
        ("[web]\nport = 8081", "web.ops_port (not set, {file}): is the same as web.port"),
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
def test_each_problem_names_its_key_and_what_to_write_config(
    write_config: WriteConfig, text: str, says: str
) -> None:
    file = write_config(text)
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
        ("CALSYNC_TENANTS__ACME__DELIVER__WORKERS", "set CALSYNC_DELIVER__WORKERS"),
        ("CALSYNC_MAIL__PASSWORD_FIEL", "did you mean CALSYNC_MAIL__PASSWORD_FILE?"),
        ("CALSYNC_XQZ", "use CALSYNC_SECTION__KEY"),
        ("CALSYNC_MAIL", "is not a setting"),
        ("CALSYNC_SOURCE", "is not a setting"),
        ("CALSYNC_", "is not a setting"),
        ("CALSYNC_SOURCE__A__B__URL", "is not a setting"),
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


SQL = "[[source]]\nname = 'a'\nkind = 'sql'\nurl = '{}'\nquery = \"\"\"{}\"\"\"\n"
PEOPLE = SQL.format("sqlite:///x.db", "select 1") + 'participants_query = """{}"""\n'


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (" -- later", "is empty; write a SELECT, or the name of a view"),
        ("select * from s where a = 'b", "a quote or comment in it does not end; close it"),
        ("select * from s /* all", "a quote or comment in it does not end; close it"),
        ("select max((a) from s", "its parentheses do not match; correct them"),
        ("select a) from (s", "its parentheses do not match; correct them"),
        ("select 1; select 2", "holds several statements; write one SELECT"),
        ("delete from s", "write a SELECT, or the name of a view"),
        ("call sessions()", "write a SELECT, or the name of a view"),
        ("select * from s where id in :session_ids", "takes no parameters; leave out :session_ids"),
        ("select * from s where tenant = :t", "takes no parameters; leave out :t"),
    ],
)
def test_a_query_that_cannot_be_used_is_told(
    write_config: WriteConfig, query: str, says: str
) -> None:
    file = write_config(SQL.format("sqlite:///x.db", query))
    assert problem(file) == f"source.a.query ({file}): {says}"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("delete from p", "write a SELECT, or the name of a view"),
        ("select * from p where s in :ids", "the parameter is called :session_ids, not :ids"),
        ("select * from p where s in (:id)", "the parameter is called :session_ids, not :id"),
        ("select * from p where s = any(:session_ids)", "write IN :session_ids"),
        ("select * from p where s = :session_ids", "write IN :session_ids"),
    ],
)
def test_a_participants_query_that_cannot_be_used_is_told(
    write_config: WriteConfig, query: str, says: str
) -> None:
    file = write_config(PEOPLE.format(query))
    assert problem(file) == f"source.a.participants_query ({file}): {says}"


@pytest.mark.parametrize(
    "query",
    [
        "crm.sessions_of_calsync",
        "SELECT a::text, b[1:2], ':x', ';' FROM \"s;\" -- (\n;  -- the end",
        "with x as (select 1) select * from x",
        "(select 1)",
        "table s",
    ],
)
def test_queries_are_taken_as_databases_write_them(write_config: WriteConfig, query: str) -> None:
    text = SQL.format("sqlite:///x.db", query.replace('"', '\\"'))
    assert load(write_config(text), KEYS).source[0].query == query


def test_a_participants_query_may_name_its_sessions_or_not(write_config: WriteConfig) -> None:
    for query in (
        "select * from view",
        "view",
        "select * from p where s IN :session_ids or t not in ( :session_ids ) -- :ids",
    ):
        assert load(write_config(PEOPLE.format(query)), KEYS).source[0].participants_query == query


def test_a_query_is_read_as_its_database_reads_it(write_config: WriteConfig) -> None:
    query = "select 'it\\\\'s; 1' # one; only\nfrom s"
    file = write_config(SQL.format("mysql+pymysql://h/x", query))
    assert load(file, KEYS).source[0].name == "a"
    file = write_config(SQL.format("sqlite:///x.db", query))
    assert "does not end" in problem(file)


def test_two_sources_cannot_share_a_name(write_config: WriteConfig) -> None:
    one = "[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\n"
    assert "'a' is used twice" in problem(write_config(one + one))


def test_a_source_cannot_be_renamed_by_a_variable(write_config: WriteConfig) -> None:
    file = write_config("[[source]]\nname = 'a'\nkind = 'file'\npath = 'x'\n")
    found = problem(file, KEYS | {"CALSYNC_SOURCE__A__NAME": "b"})
    assert found == "source.a.name (CALSYNC_SOURCE__A__NAME): the name is already a; remove this"


def test_a_default_that_is_wrong_is_told_once_and_not_for_each_tenant(
    write_config: WriteConfig,
) -> None:
    file = write_config(
        "[mail]\nport = 0\n[tenants.a.mail]\nusername=''\n[tenants.b.mail]\nusername=''\n"
    )
    assert problem(file) == f"mail.port ({file}): is out of range; write at least 1"


def test_a_secret_and_its_file_together_are_a_problem(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    (tmp_path / "p").write_text("x")
    file = write_config(
        f"[mail]\nusername = 'u'\npassword = 'x'\npassword_file = '{tmp_path / 'p'}'\n"
    )
    both = f"mail.password and mail.password_file ({file}, {file}): are both set; remove one"
    assert problem(file) == both
    given = {"CALSYNC_DATABASE__URL": "sqlite:///x", "CALSYNC_DATABASE__URL_FILE": str(file)}
    assert "CALSYNC_DATABASE__URL, CALSYNC_DATABASE__URL_FILE" in problem(None, KEYS | given)


def test_a_secrets_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, why in [
        (str(tmp_path / "none"), "No such file"),
        (str(tmp_path), "Is a directory"),
        (str(tmp_path / "empty"), "the file is empty"),
        (str(tmp_path / "binary"), "UTF-8"),
        ("\0", "does not name a file"),
    ]:
        found = problem(None, KEYS | {"CALSYNC_DATABASE__URL_FILE": name})
        assert found.startswith("database.url_file (CALSYNC_DATABASE__URL_FILE): ")
        assert why in found


def test_a_missing_or_broken_file_is_told_beside_the_rest(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    environ = KEYS | {"CALSYNC_XQZ": "1"}
    missing, other = problems(tmp_path / "none.toml", environ)
    assert "none.toml: cannot be read (No such file or directory)" in missing
    assert other.startswith("CALSYNC_XQZ")
    assert "line 2" in problems(write_config("[mail]\nhost = smtp"), environ)[0]
    (tmp_path / "latin.toml").write_bytes(b"[mail]\nsender_name = 'J\xf6rg'")
    assert "is latin-1" in problems(tmp_path / "latin.toml", environ)[0]


def test_nothing_is_said_to_be_missing_beside_a_file_that_cannot_be_read(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    """Whatever it is, it may stand in that file."""
    assert "not valid TOML" in problem(write_config("[mail]\nhost = smtp"), {})
    assert "cannot be read" in problem(tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("sender = 'Jörg'".encode("latin-1"), "is latin-1 (or Windows-1252), not UTF-8"),
        ("sender = '10 €'".encode("cp1252"), "is latin-1 (or Windows-1252), not UTF-8"),
        ("sender = 'Jörg'".encode("utf-16"), "is UTF-16, not UTF-8"),
        (b"\x00\xff\x17", "is not text in UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_called_what_it_is(
    tmp_path: Path, data: bytes, said: str
) -> None:
    file = tmp_path / "calsync.toml"
    file.write_bytes(data)
    assert f"{file}: {said}; save it as UTF-8" in problem(file, {})


def test_a_tenant_has_at_most_one_source_that_is_pushed(write_config: WriteConfig) -> None:
    both = "[[source]]\nname = '{}'\nkind = 'push'\ntenant = '{}'\n"
    file = write_config(both.format("one", "a") + both.format("two", "a") + both.format("x", "b"))
    told = problem(file, KEYS)
    assert told.count("\n") == 0
    assert "source.two.tenant" in told
