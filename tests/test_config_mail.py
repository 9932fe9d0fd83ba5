"""How mails look and speak is configured, and a text that would lose something is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calsync.bootstrap.providers import mail_settings
from calsync.config import Config, load
from calsync.errors import ConfigError
from calsync.store.vault import new_key
from providers.mail.brand import Brand
from tests.conftest import WriteConfig
from tests.dkim_key import private_pem

KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([new_key()])}
SERVER = """
[mail]
host = "127.0.0.1"
security = "none"
sender = "sessions@platform.example"
"""
WEB = """
[web]
public_url = "https://calsync.platform.example"
reconnect_url = "https://app.platform.example/calendar"
"""


def loaded(write_config: WriteConfig, text: str) -> Config:
    return load(write_config(text), KEYS)


def brand(config: Config, tenant: str = "default") -> Brand:
    settings = mail_settings(config.for_tenant(tenant).mail, config.web)
    assert settings is not None
    return settings.brand


def texts(folder: Path, text: str) -> str:
    file = folder / "texts.toml"
    file.write_text(text, encoding="utf-8")
    return f"texts_file = {json.dumps(str(file))}\n"


def test_a_tenant_has_its_own_brand_and_sentences(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    own = texts(tmp_path, '[de]\n"mail.lead_booked" = "Schön, dass Sie dabei sind."\n')
    config = loaded(
        write_config, f'{SERVER}brand_name = "One"\n[tenants.acme.mail]\nbrand_name = "Acme"\n{own}'
    )
    assert (brand(config).name, brand(config, "acme").name) == ("One", "Acme")
    said = brand(config, "acme").language("de-AT").text("mail.lead_booked")
    assert said == "Schön, dass Sie dabei sind."
    assert brand(config).language("de").text("mail.lead_booked") != said
    assert brand(config, "acme").language("en").text("mail.lead_booked").startswith("You're")


@pytest.mark.parametrize(
    ("mail", "web", "offered"),
    [("", WEB, True), ("connect_line = false\n", WEB, False), ("", "", False)],
)
def test_invitations_offer_to_connect_a_calendar_where_that_is_possible(
    write_config: WriteConfig, mail: str, web: str, offered: bool
) -> None:
    config = loaded(write_config, SERVER + mail + web)
    assert bool(brand(config).connect_url) is offered


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[en]\n"mail.subject_moved" = "Moved to {when}"', "it must hold {title}"),
        ('[en]\n"mail.subject_moved" = "{title} {when} {who}"', "it cannot hold {who}"),
        ('[en]\n"mail.lead_moved" = "{title.x}"', "names in braces only"),
        ('[en]\n"mail.lead_moved" = " "', "a sentence on one line"),
        ('[en]\n"mail.lead_moved" = "a\\nb"', "a sentence on one line"),
        ('[en]\n"mail.lead_moved" = 7', "a sentence on one line"),
        ('[en]\n"mail.lead_mooved" = "x"', "no such message"),
        ('[en]\n"page.product" = "x"', "no such message"),
        ('[xx]\n"mail.lead_moved" = "x"', "is not a language of calsync; write one of en, de"),
        ("[en", "cannot be read as TOML"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_its_key(
    write_config: WriteConfig, tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(write_config, SERVER + texts(tmp_path, text))
    assert problem in str(caught.value)
    assert "mail.texts_file" in str(caught.value)


def test_a_file_that_is_not_there_is_told(write_config: WriteConfig) -> None:
    with pytest.raises(ConfigError, match=r"mail\.texts_file.*cannot be read"):
        loaded(write_config, f'{SERVER}texts_file = "/nowhere/texts.toml"\n')


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('brand_color = "blue"', "brand_color"),
        ('brand_color = "#12345"', "brand_color"),
        ('logo_url = "http://x.example/a.png"', "logo_url"),
        ('support = "a\\nb"', "support"),
        ('sender_name = "{partner} via {brand}"', "brand_name"),
    ],
)
def test_a_brand_that_cannot_be_shown_is_told(
    write_config: WriteConfig, line: str, key: str
) -> None:
    with pytest.raises(ConfigError, match=rf"mail\.{key}"):
        loaded(write_config, f"{SERVER}{line}\n")


@pytest.mark.parametrize(("color", "ink"), [("#1a56c4", "#ffffff"), ("#ffdd00", "#000000")])
def test_the_button_can_be_read_on_every_colour(color: str, ink: str) -> None:
    assert Brand(color=color).ink == ink


def test_mails_are_signed_for_the_senders_domain_unless_another_one_is_named(
    write_config: WriteConfig,
) -> None:
    signing = f"dkim_selector = '2026a'\ndkim_key = {json.dumps(private_pem())}\n"
    config = loaded(write_config, SERVER + signing)
    settings = mail_settings(config.mail, config.web)
    assert settings is not None
    assert settings.dkim is not None
    assert (settings.dkim.selector, settings.dkim.domain) == ("2026a", "platform.example")
    assert "PRIVATE KEY" not in repr(settings)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("dkim_selector = '2026a'", "dkim_key"),
        (f"dkim_key = {json.dumps(private_pem())}", "dkim_selector"),
        ("dkim_selector = '2026a'\ndkim_key = 'PLANTED'", "dkim_key"),
        ("dkim_domain = 'other.example'", "dkim_domain"),
        (f"dkim_selector = 'a b'\ndkim_key = {json.dumps(private_pem())}", "dkim_selector"),
    ],
)
def test_what_cannot_sign_is_told_with_its_key_and_never_its_value(
    write_config: WriteConfig, lines: str, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(write_config, SERVER + lines)
    (problem,) = caught.value.problems
    assert problem.startswith(f"mail.{key} ")
    assert "PLANTED" not in problem
