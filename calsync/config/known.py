"""Which settings exist, and what a misspelt one was probably meant to be.

A setting is a path of names. Sources and tenants carry the operator's names: `*` stands for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from calsync.config import sections
from calsync.config.ops_section import OpsSection
from calsync.config.section import Section
from calsync.config.source_section import SourceSection

Path = tuple[str, ...]

PREFIX = "CALSYNC_"
NOT_SETTINGS = ("CALSYNC_CONFIG",)  # read by the command line
NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
NAME_RULE = "use a-z, 0-9 and single _ between them, like corp_eu"

SECTIONS: dict[str, type[Section]] = {
    "database": sections.DatabaseSection,
    "google": sections.GoogleSection,
    "outlook": sections.OutlookSection,
    "mail": sections.MailSection,
    "caldav": sections.CaldavSection,
    "deliver": sections.DeliverSection,
    "guard": sections.GuardSection,
    "policy": sections.PolicySection,
    "retention": sections.RetentionSection,
    "web": sections.WebSection,
    "connect": sections.ConnectSection,
    "webhook": sections.WebhookSection,
    "security": sections.SecuritySection,
    "ops": OpsSection,
}
OVERLAID = ("google", "outlook", "mail", "deliver", "guard", "policy", "connect", "webhook", "ops")
# One process serves every tenant; these are its own.
PROCESS_WIDE = {("deliver", name) for name in ("workers", "lease_seconds", "look_share", "dry_run")}
PROCESS_WIDE |= {
    ("ops", name) for name in OpsSection.model_fields if not name.startswith("allowed")
}
SECRETS = (SecretStr, tuple[SecretStr, ...])


class Known:
    """Every setting, from the sections' own fields."""

    def __init__(self) -> None:
        self.fields: dict[Path, FieldInfo] = {}
        for name, model in SECTIONS.items():
            self.fields |= dict(_leaves((name,), model))
        self.fields |= dict(_leaves(("source", "*"), SourceSection))
        for path, info in list(self.fields.items()):
            if path[0] in OVERLAID and path[:2] not in PROCESS_WIDE:
                self.fields["tenants", "*", *path] = info
        self.secrets = {path for path, info in self.fields.items() if info.annotation in SECRETS}
        self.secret_files = {(*path[:-1], f"{path[-1]}_file"): path for path in self.secrets}
        self.paths = [*self.fields, *self.secret_files]
        self.parents = {path[:end] for path in self.paths for end in range(1, len(path))}

    def find(self, path: Path) -> Path | None:
        """The setting this path sets, with `*` for the operator's name; None: there is none."""
        general = generalised(path)
        return general if general in self.fields or general in self.secret_files else None

    def is_list(self, path: Path) -> bool:
        info = self.fields.get(generalised(path))
        return info is not None and str(info.annotation).startswith("tuple")

    def instead(self, path: Path) -> str:
        """What to write in the file instead of this unknown path."""
        general = generalised(path)
        if self._for_all(path):
            return f"is one setting for all tenants; write it as {dotted(path[2:])}"
        level, above = len(path) - 1, general[:-1]
        everything = [*self.paths, *self.parents]
        siblings = {one[level] for one in everything if one[:level] == above and len(one) > level}
        close = get_close_matches(path[-1], siblings, n=1, cutoff=0.6)
        if close:
            return f"is unknown; did you mean {dotted((*path[:-1], close[0]))}?"
        if path[:-1]:
            return f"is unknown; {dotted(path[:-1])} takes {', '.join(sorted(siblings))}"
        return f"is unknown; remove it. Sections are {', '.join([*SECTIONS, 'source', 'tenants'])}"

    def variable_instead(self, variable: str, path: Path) -> str:
        """What to write instead of this unknown environment variable."""
        if self._for_all(path):
            return f"is one setting for all tenants; set {as_variable(path[2:])}"
        named = [as_variable(_named(one, path)) for one in self.paths]
        close = get_close_matches(variable.upper(), named, n=1, cutoff=0.7)
        if close:
            return f"is not a setting; did you mean {close[0]}?"
        return f"is not a setting; unset it, or use {PREFIX}SECTION__KEY, like {PREFIX}MAIL__HOST"

    def _for_all(self, path: Path) -> bool:
        """A tenant was given what only the whole process has."""
        rest = path[2:]
        return path[0] == "tenants" and (rest in self.fields or rest in self.parents)


def _leaves(prefix: Path, model: type[Section]) -> Iterator[tuple[Path, FieldInfo]]:
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            yield from _leaves((*prefix, name), inner)
        else:
            yield (*prefix, name), info


def generalised(path: Path) -> Path:
    """The path with `*` in the place of a source's or tenant's name."""
    mine = len(path) > 1 and path[0] in ("source", "tenants")
    return (path[0], "*", *path[2:]) if mine else path


def _named(general: Path, path: Path) -> Path:
    """The path with the name that the operator's own path has in that place, if it has one."""
    name = path[1] if len(path) > 1 else "NAME"
    return (general[0], name, *general[2:]) if "*" in general else general


def dotted(path: Path) -> str:
    return ".".join(path)


def as_variable(path: Path) -> str:
    return PREFIX + "__".join(path).upper()
