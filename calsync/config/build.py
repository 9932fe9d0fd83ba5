"""From settings to a checked configuration: all problems at once, each with its key and origin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from calsync.config import sections
from calsync.config.known import OVERLAID, SECTIONS, Known, Path, dotted
from calsync.config.ops_section import OpsSection
from calsync.config.reading import Settings, SettingsReader
from calsync.config.section import Section
from calsync.config.source_section import SourceSection
from calsync.errors import ConfigError

AnySection = TypeVar("AnySection", bound=Section)

SEALING: Final = ("security",)
WRITE: Final = {
    "int": "write a whole number",
    "float": "write a number",
    "finite_number": "write a number",
    "bool": "write true or false",
    "string": 'write text, in quotes: "..."',
    "tuple": 'write a list: ["...", "..."]',
    "date": "write a date: 2027-03-31",
    "dict": 'write a table: {name = "..."}',
}


@dataclass(frozen=True, slots=True)
class TenantConfig:
    """What one tenant has: the defaults with the tenant's own keys laid over them."""

    google: sections.GoogleSection
    outlook: sections.OutlookSection
    mail: sections.MailSection
    deliver: sections.DeliverSection
    guard: sections.GuardSection
    policy: sections.PolicySection
    connect: sections.ConnectSection
    webhook: sections.WebhookSection
    ops: OpsSection


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, checked. `tenants` holds those with keys of their own.

    exposed_file  its file, where that holds a secret and every user of the machine may read it
    """

    database: sections.DatabaseSection
    source: tuple[SourceSection, ...]
    google: sections.GoogleSection
    outlook: sections.OutlookSection
    mail: sections.MailSection
    caldav: sections.CaldavSection
    deliver: sections.DeliverSection
    guard: sections.GuardSection
    policy: sections.PolicySection
    retention: sections.RetentionSection
    web: sections.WebSection
    connect: sections.ConnectSection
    webhook: sections.WebhookSection
    security: sections.SecuritySection
    ops: OpsSection
    tenants: Mapping[str, TenantConfig]
    exposed_file: str | None = None

    def for_tenant(self, name: str) -> TenantConfig:
        """The tenant's settings; the defaults for one that has none of its own."""
        own = self.tenants.get(name)
        return own or TenantConfig(
            google=self.google,
            outlook=self.outlook,
            mail=self.mail,
            deliver=self.deliver,
            guard=self.guard,
            policy=self.policy,
            connect=self.connect,
            webhook=self.webhook,
            ops=self.ops,
        )


def load(path: File | None, environ: Mapping[str, str], *, seals: bool = True) -> Config:
    """The configuration of a TOML file (None: no file) and the CALSYNC_* variables in `environ`.
    Without `seals` its keys are not read, and none is needed.

    Raises ConfigError with every problem: key, origin, and what to write instead.
    """
    reader = SettingsReader(Known())
    settings = reader.read(path, environ)
    builder = Builder(settings, seals=seals)
    config = builder.build()
    problems = [*reader.problems, *builder.problems]
    if problems:
        raise ConfigError(problems)
    return replace(config, exposed_file=reader.exposed)


class Builder:
    """Makes the sections; what cannot be used is left out and told in `problems`."""

    def __init__(self, settings: Settings, *, seals: bool = True) -> None:
        self._settings, self._seals = settings, seals
        self.problems: list[str] = []

    def build(self) -> Config:
        made = {name: self._section((name,), model) for name, model in SECTIONS.items()}
        tenants = {name: self._tenant(name, made) for name in self._names("tenants")}
        sources = tuple(self._source(name) for name in self._names("source"))
        self._check_pushed(sources)
        self._check_domains((), made["google"], made["outlook"])
        for name, one in tenants.items():
            self._check_domains(("tenants", name), one.google, one.outlook)
        self._check_operators(made, tenants)
        return Config(source=sources, tenants=tenants, **cast(dict[str, Any], made))

    def _names(self, kind: str) -> list[str]:
        return list(dict.fromkeys(path[1] for path in self._settings if path[0] == kind))

    def _source(self, name: str) -> SourceSection:
        path: Path = ("source", name)
        given = self._settings.get((*path, "name"))
        if given and given.value != name:
            self._say((*path, "name"), f"the name is already {name}; remove this")
        values = self._values(path) | {"name": name}
        return self._make(path, SourceSection, values, path)

    def _section(self, path: Path, model: type[AnySection]) -> AnySection:
        return self._make(path, model, self._values(path), path)

    def _tenant(self, name: str, made: Mapping[str, Section]) -> TenantConfig:
        own: dict[str, Any] = {}
        for section in OVERLAID:
            path: Path = ("tenants", name, section)
            over = self._values(path)
            own[section] = made[section]
            if over:
                merged = _merge(self._values((section,)), over)
                own[section] = self._make(path, SECTIONS[section], merged, (section,))
        return TenantConfig(**own)

    def _check_pushed(self, sources: Iterable[SourceSection]) -> None:
        """The API knows a tenant, and no source by name."""
        seen: set[str] = set()
        for one in sources:
            if one.kind == "push" and one.tenant in seen:
                path: Path = ("source", one.name, "tenant")
                self._say(path, "already has a source of kind push; remove one of them")
            elif one.kind == "push":
                seen.add(one.tenant)

    def _check_domains(self, path: Path, google: Section, outlook: Section) -> None:
        """One provider serves a domain."""
        one, other = (set(getattr(section, "domains", ())) for section in (google, outlook))
        if one & other:
            base: Path = ("outlook", "domains")
            self._told(
                (*path, *base), base, "a domain is in google.domains as well; remove it from one"
            )

    def _check_operators(
        self, made: Mapping[str, Section], tenants: Mapping[str, TenantConfig]
    ) -> None:
        """Nobody is let in by default, and nowhere but at the public address."""
        ops, web = cast(OpsSection, made["ops"]), cast(sections.WebSection, made["web"])
        everyone = [ops, *(one.ops for one in tenants.values())]
        named = any(one.allowed or one.allowed_read_only for one in everyone)
        if ops.issuer and not named:
            self._say(("ops", "allowed"), "is needed for ops.issuer; name who may open the page")
        if named and not ops.issuer:
            self._say(("ops", "issuer"), "is needed for ops.allowed; name the sign-in service")
        if ops.issuer and not web.public_url:
            self._say(("web", "public_url"), "is needed for ops.issuer; set it")

    def _values(self, above: Path) -> dict[str, Any]:
        """The settings below a path, as the nested dictionary they came from."""
        tree: dict[str, Any] = {}
        for path, setting in self._settings.items():
            if path[: len(above)] == above:
                branch = tree
                for name in path[len(above) : -1]:
                    branch = branch.setdefault(name, {})
                branch[path[-1]] = setting.value
        return tree

    def _make(
        self, path: Path, model: type[AnySection], values: dict[str, Any], base: Path
    ) -> AnySection:
        """The section from its usable values; the others, and what `check` finds, are told.

        base  where a value comes from that is not below `path`: a tenant's default. Its problems
              are told there, once.
        """
        wrong: set[str] = set()
        try:
            section = model.model_validate(values)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                keys = _keys(one["loc"])
                self._told((*path, *keys), (*base, *keys), _instead(one))
                wrong.add(keys[0])
                _remove(values, keys)
            section = model.model_validate(values)
        problems = section.check() if self._seals or path != SEALING else ()
        for key, problem in problems:
            if key not in wrong:
                self._told((*path, key), (*base, key), problem)
        return section

    def _told(self, path: Path, base: Path, problem: str) -> None:
        if path not in self._settings and base in self._settings and path != base:
            path = base
        self._say(path, problem)

    def _say(self, path: Path, problem: str) -> None:
        line = f"{dotted(path)} ({self._origin(path)}): {problem}"
        if line not in self.problems:
            self.problems.append(line)

    def _origin(self, path: Path) -> str:
        own = self._settings.get(path)
        if own:
            return own.origin
        near = [one.origin for at, one in self._settings.items() if at[:-1] == path[:-1]]
        return f"not set, {near[0]}" if near else "not set"


def _keys(location: tuple[int | str, ...]) -> Path:
    """The names in an error's location; the position in a list is left out."""
    return tuple(part for part in location if isinstance(part, str))


def _instead(error: ErrorDetails) -> str:
    """What to write, in words; the value itself is never repeated."""
    kind, context = error["type"], error.get("ctx", {})
    bounds = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    if kind in bounds:
        name, words = bounds[kind]
        return f"is out of range; write {words} {context[name]}"
    if kind == "literal_error":
        return f"write {str(context['expected']).replace(chr(39), chr(34))}"
    if kind == "string_too_short":
        return "is empty; set it or remove the key"
    return WRITE.get(kind.removesuffix("_type").split("_")[0], error["msg"])


def _remove(values: dict[str, Any], keys: Path) -> None:
    for key in keys[:-1]:
        values = values.get(key, {})
    values.pop(keys[-1], None)


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `under`, section by section."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _merge(cast(dict[str, Any], below), value) if both else value
    return merged
