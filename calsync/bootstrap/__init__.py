"""The composition root: configuration in, a whole installation out. The only importer of providers.

Everything is built by plain calls; nothing is registered, discovered or kept in a module.
"""

from calsync.bootstrap.assembly import build

__all__ = ["build"]
