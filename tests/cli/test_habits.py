"""What a person expects of any command line: options where they are typed, help, known names."""

from __future__ import annotations

import inspect
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from calsync import output
from calsync.cli.app import GROUPS, make_app
from calsync.demo import command as demo
from tests.cli.rig import MAYA, SAM, Rig
from tests.commands import Done
from tests.harness.small_calsync import calsync, started

# Their log is JSON lines already, or JSON is all that they print.
WITHOUT_JSON = {"run", "web", "schema"}
# What a command needs before its options.
WORDS = {
    "explain": ("ses-1",),
    "preview": ("ses-1", "--person", SAM),
    "resend": ("ses-1", "--person", SAM),
    "resync": ("--dry-run",),
    "person": (MAYA,),
    "forget": (MAYA, "--yes"),
    "connect-link": ("--email", MAYA),
    "tokens create": ("--name", "platform", "--scope", "changes:read"),
    "accounts import": ("--provider", "google", "--email", MAYA),
}


def commands(app: typer.Typer, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command line with the options of its function."""
    for one in app.registered_commands:
        function = one.callback
        assert function is not None
        yield before + (one.name or function.__name__), set(inspect.signature(function).parameters)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        alone = group.typer_instance.registered_callback
        if alone is not None and alone.callback is not None:
            yield f"{group.name}", set(inspect.signature(alone.callback).parameters)
        yield from commands(group.typer_instance, f"{group.name} ")


COMMANDS = dict(commands(make_app(demo.register)))


def test_every_command_prints_json_when_it_is_asked_to() -> None:
    assert {name for name, options in COMMANDS.items() if "json" not in options} == WITHOUT_JSON


def test_every_command_stands_under_a_heading_of_the_help() -> None:
    listed = [name for names in GROUPS.values() for name in names]
    assert sorted(listed) == sorted({name.split()[0] for name in COMMANDS})


def test_help_shows_the_groups_and_whole_sentences(tmp_path: Path) -> None:
    told = calsync("--help", folder=tmp_path, COLUMNS="80").out
    for heading in GROUPS:
        assert f"\n{heading}:\n" in told
    assert "..." not in told.partition("\nStart:")[2]
    assert "--install-completion" in told


@pytest.mark.parametrize(
    "words",
    [
        ("--config", "{file}", "status"),
        ("-c", "{file}", "accounts", "list"),
        ("accounts", "--config", "{file}", "list"),
        ("accounts", "list", "--config", "{file}"),
        ("--config", "nowhere.toml", "status", "--config", "{file}"),
    ],
)
def test_the_configuration_is_named_before_or_behind_the_command(
    booked: Rig, tmp_path: Path, words: tuple[str, ...]
) -> None:
    given = [one.format(file=booked.config) for one in words]
    assert calsync(*given, folder=tmp_path).code == 0


def test_the_version_is_told_without_a_configuration(tmp_path: Path) -> None:
    done = calsync("--version", folder=tmp_path)
    assert (done.code, done.out.split()[0]) == (0, "calsync")
    assert done.out.split()[1][0].isdigit()


def test_a_shell_completes_commands_and_options(tmp_path: Path) -> None:
    told = started(
        folder=tmp_path,
        _CALSYNC_COMPLETE="complete_bash",
        COMP_WORDS="calsync acc",
        COMP_CWORD="1",
    )
    assert told.out.split() == ["accounts"]


COMMAND = "calsync approve 3 --digest 5f56851e3"
LONG = "participant-with-a-long-address@a-department.of-a-large-organisation.example"


def shown(width: str | None) -> str:
    """A table and a sentence, on a terminal so wide or (None) in a pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        if width:
            patch.setenv("COLUMNS", width)
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        patch.setattr("sys.stdout", out)
        row = {"id": "a" * 40, "person": LONG, "at": "2026-12-03T15:00:00Z", "why": "word " * 40}
        row["command"] = COMMAND
        output.table([row], {name: name for name in row}, whole=("command",))
        output.folded("sentence " * 40 + f"run `{COMMAND}`")
        output.facts({"why": "word " * 40})
        out.flush()
        return bytes(out.buffer.getvalue()).decode()  # type: ignore[attr-defined]


def test_what_is_copied_never_breaks_however_narrow_the_terminal_is() -> None:
    text = shown("60")
    for whole in ("a" * 40, LONG, "2026-12-03T15:00:00Z", f"`{COMMAND}`"):
        assert whole in text
    assert text.count(COMMAND) == 2


def test_nothing_is_wrapped_in_a_pipe() -> None:
    text = shown(None)
    assert "word " * 39 in text
    assert "sentence " * 39 in text
    assert len([one for one in text.splitlines() if one.strip()]) == 5


@pytest.mark.parametrize(
    "command", [name for name, options in COMMANDS.items() if "tenant" in options]
)
def test_a_tenant_that_is_none_is_refused_with_those_there_are(booked: Rig, command: str) -> None:
    words = (*command.split(), *WORDS.get(command, ()), "--tenant", "nobody")
    told = booked.run(*words, stdin='{"refresh_token": "r"}', code=2)
    assert "there is no tenant nobody; choose one of default" in told.err
    assert told.out == ""


@pytest.mark.parametrize("command", ["sessions", "resync"])
def test_a_program_that_is_none_is_refused_with_those_there_are(booked: Rig, command: str) -> None:
    told = booked.run(command, *WORDS.get(command, ()), "--program", "prog-9", code=2)
    assert "a program prog-9; choose one of prog-ses-1, prog-ses-2\n" in told.err


def test_a_channel_that_nothing_stops_is_refused(booked: Rig) -> None:
    assert "google, mail" in booked.run("resume", "--channel", "pigeon", code=2).err
    assert booked.json("resume", "--channel", "mail") == {"lifted": 0}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("fly",), "usage"),
        (("statu",), "usage"),  # asks back: Did you mean 'status'?
        (("status", "--wide"), "usage"),
        (("approve",), "usage"),
        (("approve", "many"), "usage"),
        (("explain", "ses-9"), "input"),
        (("explain", "ses-1", "--config", "nowhere.toml"), "configuration"),
    ],
)
def test_an_error_is_one_json_object_where_json_was_asked_for(
    booked: Rig, words: tuple[str, ...], kind: str
) -> None:
    done = _with_json(booked, words)
    error = json.loads(done.err)["error"]
    assert (done.code, done.out, error["kind"]) == (2, "", kind)
    assert error["text"]
    assert "?;" not in error["text"]
    assert bool(error["problems"]) is (kind == "configuration")


def _with_json(rig: Rig, words: tuple[str, ...]) -> Done:
    named = () if "--config" in words else ("--config", str(rig.config))
    return calsync(*named, *words, "--json", folder=rig.folder)


def test_a_database_that_is_none_is_one_json_object_as_well(rig: Rig) -> None:
    rig.database.write_bytes(b"this is no database " * 500)
    done = _with_json(rig, ("status",))
    assert (done.code, json.loads(done.err)["error"]["kind"]) == (1, "database")


def test_a_file_that_is_no_toml_is_the_only_problem(rig: Rig) -> None:
    rig.config.write_text("[mail\n", encoding="utf-8")
    (problem,) = json.loads(_with_json(rig, ("status",)).err)["error"]["problems"]
    assert "is not valid TOML" in problem


def test_a_file_in_latin_1_is_called_that(rig: Rig, tmp_path: Path) -> None:
    said = "is latin-1 (or Windows-1252), not UTF-8; save it as UTF-8"
    record = '[{"id": "ses-1", "title": "Zürich"}]'.encode("latin-1")
    rig.source.write_bytes(record)
    file = tmp_path / "known.json"
    file.write_bytes(record)
    assert f"{file}: {said}" in rig.run("validate", str(file), code=1).err
    assert f"{file}: {said}" in rig.run("baseline", str(file), code=2).err
    rig.config.write_bytes('[mail]\nsender_name = "Zürich"\n'.encode("latin-1"))
    assert f"{rig.config}: {said}" in rig.run("sync", code=2).err


def test_what_strangers_sent_gives_a_terminal_no_orders(rig: Rig) -> None:
    ident = "ses\x9b2J"  # the order to clear the screen, in the set of controls beyond ASCII
    rig.book(ident, MAYA)
    done = rig.run("sync")
    for told in (
        done,
        rig.run("sessions"),
        rig.run("explain", ident),
        rig.run("explain", "x\x9b", code=2),
    ):
        assert "\x9b" not in told.out + told.err
    assert "ses\\u009b2J" in rig.run("sessions").out
