"""The recipes of this package: found, read and filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from calsync.errors import InputError

FOLDER = "data"
# `{{name:url}}` stands in an address, where signs such as @ and / have a meaning of their own.
PLACE = re.compile(r"\{\{(\w+)(?::url)?\}\}")
IN_URL = ":url}}"
# What would end a literal or a quoted name of TOML or SQL, or a line.
UNSAFE = re.compile(r"['\"`\\\x00-\x1f\x7f]|\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What only the person who connects a system knows. `example` stands for it until then;
    `usual`: it is right for most."""

    name: str
    means: str
    example: str
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to connect one booking system.

    page    its page in this project's documents
    grant   statements or steps that give calsync the right to read, and no other
    source  the `[[source]]` table
    """

    name: str
    title: str
    system: str
    page: str
    sees: tuple[str, ...]
    cannot_see: tuple[str, ...]
    cancels: str
    stamps: str
    links: str
    grant: str
    source: str
    parameters: tuple[Parameter, ...]

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """`grant` or `source` with these values, and the examples of what is not among them. Raises
        InputError for a parameter that it does not have, or a value that cannot stand there."""
        known = {one.name: one.example for one in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise InputError(
                    f"recipe {self.name} has no parameter {name!r}; it takes {', '.join(known)}"
                )
            if UNSAFE.search(value):
                raise InputError(
                    f"the value of {name} contains a quote, a backslash or a line end; leave it "
                    "out and write it into the file afterwards"
                )
        known |= values

        def put(found: re.Match[str]) -> str:
            given = known[found[1]]
            return quote(given, safe="") if found[0].endswith(IN_URL) else given

        return PLACE.sub(put, text).strip() + "\n"

    def table(self) -> Mapping[str, Any]:
        """The `[[source]]` table, with examples for its parameters."""
        (made,) = tomllib.loads(self.filled(self.source, {}))["source"]
        return dict(made)

    def missing(self, values: Mapping[str, str]) -> list[Parameter]:
        """Parameters for which an example stands."""
        return [one for one in self.parameters if one.name not in values]


def names() -> list[str]:
    """Every recipe, in the order of the alphabet."""
    found = files(__package__).joinpath(FOLDER).iterdir()
    return sorted(one.name.removesuffix(".toml") for one in found if one.name.endswith(".toml"))


def recipe(name: str) -> Recipe:
    """The recipe of this name. Raises InputError when there is none."""
    if name not in names():
        raise InputError(f"no recipe is called {name!r}; there are: {', '.join(names())}")
    text = files(__package__).joinpath(FOLDER, f"{name}.toml").read_text(encoding="utf-8")
    read: dict[str, Any] = tomllib.loads(text)
    parameters = tuple(Parameter(key, **one) for key, one in read.pop("parameters").items())
    sees, cannot_see = tuple(read.pop("sees")), tuple(read.pop("cannot_see"))
    return Recipe(name=name, parameters=parameters, sees=sees, cannot_see=cannot_see, **read)


def recipe_of(source: str, backend: str) -> str | None:
    """The recipe that names its source so and reads a database of this kind, as SQLAlchemy calls
    it. None for a source that bears another name."""
    for name in names():
        table = recipe(name).table()
        if table["name"] == source and str(table["url"]).startswith(f"{backend}+"):
            return name
    return None
