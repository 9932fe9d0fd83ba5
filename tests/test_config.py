"""What the configuration reads from where, and that it keeps secrets to itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from calsync.config import Config, load
from calsync.config.known import Known, as_variable
from calsync.errors import ConfigError
from calsync.store.vault import new_key
from tests.conftest import WriteConfig
from tests.dkim_key import private_pem

KEY = new_key()
KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([KEY])}
SECRET = "hunter2-hunter2"


def from_env(**variables: str) -> Config:
    """The configuration of these variables (without CALSYNC_) and a key."""
    return load(None, KEYS | {f"CALSYNC_{name}": value for name, value in variables.items()})


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


@pytest.mark.parametrize(
    ("mode", "text", "told"),
    [
        (0o644, f'[security]\nkeys = ["{KEY}"]\n', True),
        (0o640, f'[security]\nkeys = ["{KEY}"]\n', False),
        (0o644, '[tenants.a.google]\nclient_id = "x"\nclient_secret = "y"\n', True),
        (0o644, '[mail]\nhost = "smtp.example"\nsender = "s@example.org"\n', False),
    ],
    ids=["everybody", "owner and group", "a tenant's secret", "no secret"],
)
def test_a_file_is_exposed_when_everybody_may_read_a_secret_in_it(
    write_config: WriteConfig, mode: int, text: str, told: bool
) -> None:
    file = write_config(text)
    file.chmod(mode)
    config = load(file, {} if "security" in text else KEYS)
    assert config.exposed_file == (str(file) if told else None)


def test_a_variable_wins_over_the_file_and_leaves_the_rest(write_config: WriteConfig) -> None:
    file = write_config(
        '[mail]\nhost = "smtp.one.example"\nsender = "s@one.example"\nport = 2465\n'
    )
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


def test_addresses_and_their_domains_are_taken_as_people_write_them(
    write_config: WriteConfig,
) -> None:
    config = load(
        write_config(
            '[mail]\nhost = "smtp.example"\nsender = "Sessions@Bücher.Example"\n'
            '[deliver]\nonly_to = ["*@Bücher.example", "*@*.bücher.example"]\n'
            '[connect]\nowner = "Ops@Example.ORG"\n'
            '[google]\ndomains = ["Bücher.example"]\nservice_account_file = "/dev/null"\n'
        ),
        KEYS,
    )
    sender = "Sessions@xn--bcher-kva.example"
    assert (config.mail.sender, config.mail.organizer) == (sender, sender)
    assert config.deliver.only_to == ("*@xn--bcher-kva.example", "*@*.xn--bcher-kva.example")
    assert config.connect.owner == "Ops@example.org"
    assert config.google.domains == ("xn--bcher-kva.example",)


def test_one_limit_leaves_the_other_and_other_channels_as_they_were(
    write_config: WriteConfig,
) -> None:
    limits = load(write_config("[deliver.limits.caldav]\nper_minute = 7\n"), KEYS).deliver.limits
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


def test_sources_come_from_the_file_and_from_variables_by_name(write_config: WriteConfig) -> None:
    file = write_config(
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


def test_a_tenant_lays_its_keys_over_the_defaults(write_config: WriteConfig) -> None:
    file = write_config(
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


def test_a_secret_may_be_in_a_file_without_its_line_end(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f" {SECRET} \r\n")
    (tmp_path / "keys").write_text(f"# newest first\n{KEY}\n\n{new_key()}\n")
    file = write_config(
        f'[mail]\nhost = "h"\nsender = "s@example.org"\nusername = "u"\n'
        f'password_file = "{tmp_path / "password"}"\n'
    )
    config = load(file, {"CALSYNC_SECURITY__KEYS_FILE": str(tmp_path / "keys")})
    assert config.mail.password.get_secret_value() == f" {SECRET} "
    assert len(config.security.keys) == 2
    assert config.security.keys[0].get_secret_value() == KEY


def test_a_secret_of_the_environment_replaces_the_file_named_in_toml(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("old")
    file = write_config(f'[mail]\nusername = "u"\npassword_file = "{tmp_path / "password"}"\n')
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


def test_no_secret_is_in_any_repr_str_or_format(tmp_path: Path) -> None:
    known = Known()
    environ = dict(KEYS)
    for path in known.secrets:
        if path[-1] != "keys" and path != ("database", "url") and "*" not in path:
            environ[as_variable(path)] = SECRET
    environ |= {
        "CALSYNC_WEBHOOK__URL": "https://h/",
        "CALSYNC_WEBHOOK__KEYS": json.dumps([KEY]),
        "CALSYNC_CONNECT__KEYS": json.dumps([KEY]),
        "CALSYNC_DATABASE__URL": f"postgresql://u:{SECRET}@h/d",
        "CALSYNC_DATABASE__LISTEN_URL": f"postgresql://u:{SECRET}@h/d",
        "CALSYNC_GOOGLE__CLIENT_ID": "id",
        "CALSYNC_OUTLOOK__CLIENT_ID": "id",
        "CALSYNC_MAIL__USERNAME": "u",
        "CALSYNC_WEB__PUBLIC_URL": "https://calsync.example/",
        "CALSYNC_OPS__ISSUER": "https://login.example",
        "CALSYNC_OPS__CLIENT_ID": "id",
        "CALSYNC_OPS__ALLOWED": '["lena@corp.example"]',
        "CALSYNC_MAIL__DKIM_SELECTOR": "2026a",
        "CALSYNC_MAIL__DKIM_KEY": private_pem(),
        "CALSYNC_SOURCE__A__KIND": "http",
        "CALSYNC_SOURCE__A__URL": f"https://h/?key={SECRET}",
        "CALSYNC_SOURCE__A__TOKEN": SECRET,
        "CALSYNC_TENANTS__ACME__MAIL__PASSWORD": SECRET,
    }
    config = load(None, environ)
    assert config.for_tenant("acme").mail.password.get_secret_value() == SECRET
    for one in (
        config,
        config.mail,
        config.source,
        config.for_tenant("acme"),
        config.security,
        config.webhook,
        config.connect,
        config.ops,
    ):
        for text in (repr(one), str(one), f"{one}"):
            assert SECRET not in text
            assert "PRIVATE KEY" not in text
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
