"""From a TOML file and environment variables to one flat list of settings with their origin."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from calsync.config.known import (
    NAME,
    NAME_RULE,
    NOT_SETTINGS,
    PREFIX,
    Known,
    Path,
    dotted,
    generalised,
)
from calsync.errors import ConfigError
from calsync.untrusted.encoding import not_utf8
from calsync.untrusted.json_text import JsonError, parse_json


@dataclass(frozen=True, slots=True)
class Setting:
    """One value as it was written. `origin` is a file's or a variable's name."""

    value: Any = field(repr=False)
    origin: str


Settings = dict[Path, Setting]


class SettingsReader:
    """Collects settings and, in `problems`, everything that is none.

    exposed  the name of the file, where it holds a secret and every user of the machine may read it
    """

    def __init__(self, known: Known) -> None:
        self.known = known
        self.problems: list[str] = []
        self.exposed: str | None = None

    def read(self, file: File | None, environ: Mapping[str, str]) -> Settings:
        """All settings; a variable wins over the file, secrets are read from their files. Raises
        ConfigError for a file that cannot be read, with what is wrong with the variables."""
        try:
            of_file = self._file(file) if file else {}
        except ConfigError as error:
            self._environ(environ)
            raise ConfigError([*error.problems, *self.problems]) from None
        layers = [of_file, self._environ(environ)]
        if file and any(self.known.find(path) in self.known.secrets for path in layers[0]):
            self.exposed = str(file) if file.stat().st_mode & stat.S_IROTH else None
        return {path: one for layer in layers for path, one in self._open_files(layer).items()}

    def _say(self, path: Path, origin: str, problem: str) -> None:
        self.problems.append(f"{dotted(path)} ({origin}): {problem}")

    def _file(self, file: File) -> Settings:
        tree = _tree(file)
        found: Settings = {}
        if "source" in tree:
            tree["source"] = self._sources(tree["source"], str(file))
        self._flatten(tree, (), str(file), found)
        return found

    def _sources(self, listed: Any, origin: str) -> dict[str, Any]:
        """The list of sources by their names."""
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            self._say(("source",), origin, "is a list; begin each source with [[source]] and name")
            return {}
        named: dict[str, Any] = {}
        for number, one in enumerate(listed, start=1):
            name = one.get("name")
            if not isinstance(name, str):
                self._say((f"source[{number}]", "name"), origin, "is missing; give it a name")
            elif name in named:
                self._say(
                    (f"source[{number}]", "name"), origin, f"{name!r} is used twice; rename one"
                )
            else:
                named[name] = one
        return named

    def _flatten(self, tree: dict[str, Any], above: Path, origin: str, found: Settings) -> None:
        for name, value in tree.items():
            path = (*above, name)
            if self._bad_name(path, origin):
                continue
            if self.known.find(path):
                found[path] = Setting(value, origin)
            elif generalised(path) in self.known.parents:
                if isinstance(value, dict):
                    self._flatten(value, path, origin, found)
                else:
                    self._say(path, origin, f"is a section; write its keys under [{dotted(path)}]")
            else:
                self._say(path, origin, self.known.instead(path))

    def _bad_name(self, path: Path, origin: str) -> bool:
        bad = len(path) == 2 and path[0] in ("source", "tenants") and not NAME.fullmatch(path[1])
        if bad:
            self._say(path, origin, f"this name cannot be used; {NAME_RULE}")
        return bad

    def _environ(self, environ: Mapping[str, str]) -> Settings:
        found: Settings = {}
        for variable, text in sorted(environ.items()):
            if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
                continue
            path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
            if not self.known.find(path):
                instead = self.known.variable_instead(variable, path)
                self.problems.append(f"{variable}: {instead}")
            elif not self._bad_name(path[:2], variable):
                found[path] = Setting(self._typed(path, text, variable), variable)
        return found

    def _typed(self, path: Path, text: str, variable: str) -> Any:
        """Lists are JSON in a variable; everything else is read from the text by its type."""
        if not self.known.is_list(path):
            return text
        try:
            value = parse_json(text)
        except JsonError:
            value = None
        return value if isinstance(value, list) else text

    def _open_files(self, layer: Settings) -> Settings:
        """Replace every NAME_file of a secret by what the file holds."""
        opened: Settings = {}
        for path, setting in layer.items():
            general = self.known.find(path)
            if general not in self.known.secret_files:
                opened[path] = setting
                continue
            secret = (*path[:-1], path[-1].removesuffix("_file"))
            if secret in layer:
                where = f"{layer[secret].origin}, {setting.origin}"
                both = f"{dotted(secret)} and {dotted(path)} ({where})"
                self.problems.append(f"{both}: are both set; remove one")
                continue
            text = self._secret(path, setting)
            if text is not None:
                value: Any = _lines(text) if self.known.is_list(secret) else text
                opened[secret] = Setting(value, f"{path[-1]} in {setting.origin}")
        return opened

    def _secret(self, path: Path, setting: Setting) -> str | None:
        """The text of a secret's file without its last line end; None after saying why not."""
        try:
            text = File(setting.value).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            reason = f"the file cannot be read ({error.strerror})"
        except (TypeError, ValueError):
            reason = "this does not name a file of UTF-8 text"
        else:
            if text.strip():
                return text
            reason = "the file is empty"
        self._say(path, setting.origin, f"{reason}; write the name of the file with the secret")
        return None


def _tree(file: File) -> dict[str, Any]:
    """What the file says. Raises ConfigError for one that cannot be read; whatever is missing may
    stand in it, so nothing is said to be missing."""
    try:
        data = file.read_bytes()
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        problem = (
            f"cannot be read ({error.strerror}); name a file calsync may read with --config or "
            "CALSYNC_CONFIG"
        )
    except UnicodeDecodeError:
        problem = f"is {not_utf8(data)}; save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not valid TOML: {error}; correct that line"
    raise ConfigError([f"{file}: {problem}"])


def _lines(text: str) -> list[str]:
    """One value per line; empty lines and those beginning with # say nothing."""
    lines: Iterable[str] = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
