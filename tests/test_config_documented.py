"""The example file loads in all its parts, and example and documentation know every setting."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pydantic import SecretStr

from calsync.config import load
from calsync.config.known import OVERLAID, PROCESS_WIDE, Known, dotted
from calsync.store.vault import new_key
from tests.conftest import WriteConfig
from tests.dkim_key import private_pem

ROOT = Path(__file__).parent.parent
KEY = new_key()
KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([KEY])}
POOLER = "postgresql+psycopg://u@pooler/n"


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
    # A file has no server's own address beside it: the two are alternatives.
    text = text.replace('"sqlite:///calsync.db"', f'"{POOLER}"')
    text = text.replace('"-----BEGIN PRIVATE KEY-----..."', json.dumps(private_pem()))
    contents = {
        "dkim.pem": private_pem(),
        "database_url": POOLER,
        "database_listen_url": "postgresql+psycopg://u@h/n",
        "platform_url": "sqlite:///p.db",
    }
    for name in set(re.findall(r'"(/(?:run|etc)/[^"]*)"', text)):
        file = tmp_path / Path(name).name
        file.write_text(contents.get(file.name, KEY))
        text = text.replace(name, str(file))
    return text


def test_the_example_loads_as_it_is_with_a_key() -> None:
    assert load(ROOT / "config.example.toml", KEYS).source == ()


def test_the_example_loads_with_every_comment_in_use(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    config = load(write_config(uncommented("files", tmp_path)), {})
    assert [one.kind for one in config.source] == ["file", "sql", "http", "http", "push"]
    assert config.for_tenant("acme").mail.host == "smtp.acme.example"
    assert config.outlook.client_secret.get_secret_value() == "..."


def test_the_example_loads_with_every_secret_in_its_file(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    text = uncommented("values", tmp_path)
    text = re.sub(r"(?m)^certificate_file.*$", "", text)  # the other alternative to the secret
    config = load(write_config(text), {})
    assert config.database.url.get_secret_value() == POOLER
    assert config.mail.password.get_secret_value() == KEY


def test_the_example_shows_the_real_defaults(write_config: WriteConfig, tmp_path: Path) -> None:
    example, default = load(write_config(uncommented("files", tmp_path)), {}), load(None, KEYS)
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
        header = dotted(tuple(name for name in path[:-1] if name != "*"))
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
