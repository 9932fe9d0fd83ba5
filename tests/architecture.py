"""Who may import whom (docs/architecture.md): a checker over the text of one module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

# Of our own packages a module may import these; the longest fitting path decides.
OURS: dict[str, tuple[str, ...]] = {
    "calsync/__init__.py": (),
    "calsync/__main__.py": ("calsync.cli",),
    "calsync/errors.py": (),
    "calsync/log.py": (),
    "calsync/ports.py": ("calsync.core", "calsync.errors"),
    "calsync/core/": ("calsync.core", "calsync.text", "calsync.errors"),
    "calsync/text/": ("calsync.text", "calsync.errors"),
    "calsync/config/": ("calsync.config", "calsync.errors", "calsync.store.vault"),
    "calsync/sources/": (
        "calsync.sources",
        "calsync.core",
        "calsync.text",
        "calsync.ports",
        "calsync.errors",
    ),
    "calsync/store/": ("calsync.store", "calsync.core", "calsync.text", "calsync.errors"),
    "calsync/work/": (
        "calsync.work",
        "calsync.store",
        "calsync.core",
        "calsync.text",
        "calsync.ports",
        "calsync.errors",
    ),
    "calsync/sandbox/": ("calsync.sandbox",),
    "calsync/demo/": ("calsync",),
    "calsync/web/": (
        "calsync.web",
        "calsync.wiring",
        "calsync.config",
        "calsync.work",
        "calsync.store",
        "calsync.sources",
        "calsync.core",
        "calsync.errors",
    ),
    "calsync/cli/": (
        "calsync.cli",
        "calsync.web",
        "calsync.wiring",
        "calsync.config",
        "calsync.log",
        "calsync.work",
        "calsync.store",
        "calsync.sources",
        "calsync.text",
        "calsync.core",
        "calsync.ports",
        "calsync.errors",
    ),
    "calsync/cli/demo.py": ("calsync.cli", "calsync.demo", "calsync.errors"),
    "calsync/wiring.py": (
        "providers",
        "calsync.config",
        "calsync.log",
        "calsync.consenting",
        "calsync.opening",
        "calsync.sources",
        "calsync.store",
        "calsync.work",
        "calsync.text",
        "calsync.core",
        "calsync.ports",
        "calsync.errors",
    ),
    "calsync/opening.py": (
        "providers",
        "calsync.config",
        "calsync.store",
        "calsync.work",
        "calsync.core",
        "calsync.errors",
    ),
    "calsync/consenting.py": (
        "providers",
        "calsync.config",
        "calsync.opening",
        "calsync.work",
        "calsync.core",
        "calsync.errors",
    ),
    "providers/": ("calsync.core", "calsync.ports", "calsync.errors"),
}
# Other people's packages, where not all are allowed. A provider has its own SDK and no other's.
THEIRS: dict[str, tuple[str, ...]] = {
    "calsync/errors.py": (),
    "calsync/ports.py": (),
    "calsync/core/": ("icalendar",),
    "calsync/text/": ("nh3", "markdown_it"),
    "providers/": ("requests", "urllib3"),
    "providers/google/": ("google", "googleapiclient", "google_auth_oauthlib", "httplib2"),
    "providers/outlook/": ("msal", "cryptography"),
    "providers/caldav/": ("defusedxml", "icalendar"),
    "providers/mail/": ("icalendar", "jinja2", "markupsafe"),
}
PURE = ("calsync/core/", "calsync/text/")
IMPURE = tuple(
    "asyncio ctypes concurrent ftplib glob http imaplib importlib io locale logging mmap"  # noqa: SIM905
    " multiprocessing os pathlib platform random secrets select selectors shelve shutil signal"
    " smtplib socket sqlite3 ssl subprocess sys tempfile threading time urllib.request".split()
)
CLOCKS = ("now", "utcnow", "today", "monotonic", "uuid1", "uuid4", "getenv")


def violations(path: str, source: str) -> list[str]:
    """What `source`, the module at `path` below the root, may not do; one line each."""
    found = []
    for line, module in imports(source):
        problem = _problem(path, module)
        if problem:
            found.append(f"{path}:{line}: {problem}")
    if path.startswith(PURE):
        found += [f"{path}:{line}: {what} in a pure module" for line, what in _impure(source)]
    return found


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, inside functions and by name too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{above}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            what = node.args[0] if node.args else None
            known = isinstance(what, ast.Constant) and isinstance(what.value, str)
            yield node.lineno, what.value if known else "?"


def _problem(path: str, module: str) -> str | None:
    if module.startswith("."):
        return "relative import; write the whole name"
    if module == "?":
        return "imports a name that only the running program knows"
    top = module.partition(".")[0]
    if top in ("calsync", "providers"):
        allowed = _fitting(OURS, path)
        if allowed is None:
            return "no rule says what this module may import; add one"
        good = _within(module, (*allowed, *_own(path)))
        return None if good else f"imports {module}"
    if top in sys.stdlib_module_names:
        bad = path.startswith(PURE) and _within(module, IMPURE)
        return f"imports {module}, which a pure module may not" if bad else None
    sdk = _fitting(THEIRS, path)
    return None if sdk is None or top in (*sdk, *_shared(path)) else f"imports {module}"


def _own(path: str) -> tuple[str, ...]:
    """A provider's own package, and the modules that all providers share."""
    if not path.startswith("providers/"):
        return ()
    shared = ("providers.http",)
    parts = path.split("/")
    return (*shared, f"providers.{parts[1]}") if len(parts) > 2 else shared


def _shared(path: str) -> tuple[str, ...]:
    return THEIRS["providers/"] if path.startswith("providers/") else ()


def _fitting(rules: dict[str, tuple[str, ...]], path: str) -> tuple[str, ...] | None:
    fitting = [one for one in rules if path == one or (one.endswith("/") and path.startswith(one))]
    return rules[max(fitting, key=len)] if fitting else None


def _within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


def _impure(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            builtin = isinstance(node.func, ast.Name) and name in ("open", "print", "input")
            if builtin or name in CLOCKS:
                yield node.lineno, f"{name}()"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
