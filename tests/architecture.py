"""Who may import whom, and where ports are declared (docs/architecture.md): a checker over the
text of one module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

# Who lies below whom: a package may import itself and the packages of rows above its own in this
# list. Packages in one row do not know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("calsync.errors", "calsync.untrusted", "calsync.messages", "calsync.values"),
    ("calsync.text",),
    ("calsync.core",),
    ("calsync.ports", "calsync.store", "calsync.log"),
    ("calsync.config", "calsync.sources", "calsync.runtime", "providers"),
    ("calsync.notices",),
    ("calsync.accounts",),
    ("calsync.ingest", "calsync.delivery", "calsync.selfservice"),
    ("calsync.ops",),
    ("calsync.daemon", "calsync.platform_api"),
    ("calsync.bootstrap",),
    ("calsync.web",),
    ("calsync.output",),
    ("calsync.cli",),
    ("calsync.sandbox",),
    ("calsync.demo",),
    ("calsync.__main__",),
)
# What a package may import of ours, where that is less than everything above its row.
ONLY: dict[str, tuple[str, ...]] = {
    "calsync.ports": ("calsync.core", "calsync.errors"),
    "calsync.log": (),
    "calsync.config": (
        "calsync.errors",
        "calsync.core.address",
        "calsync.messages",
        "calsync.store.vault",
        "calsync.text.hosts",
        "calsync.text.sql",
        "calsync.untrusted",
    ),
    "calsync.sources": (
        "calsync.core",
        "calsync.text",
        "calsync.ports",
        "calsync.errors",
        "calsync.untrusted",
    ),
    "providers": (
        "calsync.core",
        "calsync.messages",
        "calsync.text.hosts",
        "calsync.ports",
        "calsync.errors",
        "calsync.untrusted",
        "calsync.values",
    ),
    "calsync.output": ("calsync.text",),
    "calsync.sandbox": (),
    "calsync.__main__": ("calsync.cli", "calsync.demo"),
}
# Who may import these, besides themselves: others are handed what is made of them.
USERS: dict[str, tuple[str, ...]] = {
    "providers": ("calsync.bootstrap",),
    "calsync.config": ("calsync.bootstrap", "calsync.cli", "calsync.demo"),
    "calsync.sources": ("calsync.bootstrap", "calsync.web", "calsync.cli"),
    "calsync.sandbox": ("calsync.demo",),
}
# What all providers share; it knows none of them.
TOOLKIT = ("providers.http", "providers.oauth", "providers.fields")
# Other people's packages, where not all are allowed. A provider has its own SDK and no other's.
THEIRS: dict[str, tuple[str, ...]] = {
    "calsync/errors.py": (),
    "calsync/values.py": (),
    "calsync/ports.py": (),
    "calsync/untrusted/": (),
    "calsync/messages/": ("babel",),
    "calsync/core/": ("icalendar", "idna"),
    "calsync/text/": ("nh3", "markdown_it"),
    "providers/": ("requests", "urllib3"),
    "providers/google/": ("google", "googleapiclient", "google_auth_oauthlib", "httplib2"),
    "providers/oidc.py": ("authlib", "joserfc"),
    "providers/outlook/": ("msal", "cryptography"),
    "providers/caldav/": ("defusedxml", "icalendar"),
    "providers/mail/": ("cryptography", "dkim", "dns", "icalendar", "jinja2", "markupsafe"),
}
# What statements are made of, and who may make them: SQL of the ledger is the store's, others call
# its functions. The SQL source reads other people's databases.
SQL = (
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "calsync.store.tables",
    "calsync.store.prepared",
    "calsync.store.upsert",
    "calsync.store.ledger.rows.table",
    "calsync.store.ledger.rows.of_delivery",
)
SQL_USERS = ("calsync/store/", "calsync/sources/sql/")
PURE = ("calsync/core/", "calsync/text/", "calsync/untrusted/")
IMPURE = tuple(
    "asyncio ctypes concurrent ftplib glob http imaplib importlib io locale logging mmap"  # noqa: SIM905
    " multiprocessing os pathlib platform random secrets select selectors shelve shutil signal"
    " smtplib socket sqlite3 ssl subprocess sys tempfile threading time urllib.request".split()
)
# Where a Protocol may be declared: every port of ours is in one file.
PORTS = ("calsync/ports.py", "calsync/sandbox/")
CLOCKS = ("now", "utcnow", "today", "monotonic", "uuid1", "uuid4", "getenv")


def violations(path: str, source: str) -> list[str]:
    """What `source`, the module at `path` below the root, may not do; one line each."""
    found = []
    for line, module in imports(source):
        problem = _problem(path, module)
        if problem:
            found.append(f"{path}:{line}: {problem}")
    if not path.startswith(PORTS):
        found += [f"{path}:{line}: a Protocol outside of ports.py" for line in _protocols(source)]
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
    if _makes_sql(module) and not path.startswith(SQL_USERS):
        return f"imports {module}; statements belong into calsync/store"
    top = module.partition(".")[0]
    if top in ("calsync", "providers"):
        return _of_ours(path, module)
    if top in sys.stdlib_module_names:
        bad = path.startswith(PURE) and _within(module, IMPURE)
        return f"imports {module}, which a pure module may not" if bad else None
    sdk = _fitting(THEIRS, path)
    return None if sdk is None or top in (*sdk, *_shared(path)) else f"imports {module}"


def _makes_sql(module: str) -> bool:
    return _within(module, SQL) or module == "calsync.store.ledger.rows"


def _of_ours(path: str, module: str) -> str | None:
    own, other = package_of(_dotted(path)), package_of(module)
    if own is None:
        return "lies in no layer; add its package to LAYERS"
    if own == other == "providers":
        return None if _of_one_provider(_dotted(path), module) else f"imports {module}"
    if own == other:
        return None
    users, only = USERS.get(other or ""), ONLY.get(own)
    good = (
        other is not None
        and _row(other) < _row(own)
        and (users is None or own in users)
        and (only is None or _within(module, only))
    )
    return None if good else f"imports {module}"


def package_of(module: str) -> str | None:
    """The package of LAYERS that a module belongs to."""
    known = [one for row in LAYERS for one in row if _within(module, (one,))]
    return max(known, key=len, default=None)


def _row(package: str) -> int:
    return next(n for n, row in enumerate(LAYERS) if package in row)


def _dotted(path: str) -> str:
    return path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")


def _of_one_provider(one: str, other: str) -> bool:
    """A provider knows itself and what all of them share, never another one."""
    folder = one.split(".")[1]
    return _within(other, (*TOOLKIT, f"providers.{folder}"))


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


def _protocols(source: str) -> Iterator[int]:
    """Lines that take `Protocol` from the library, under whatever name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            taken = any(alias.name == "Protocol" for alias in node.names)
        else:
            taken = isinstance(node, ast.Attribute) and node.attr == "Protocol"
        if taken:
            yield node.lineno


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
