"""Which functions read what strangers send.

`reads` marks them. A test gives each of them what no list of faults foresees (numbers of 400
digits, the years 1 and 9999, JSON nested deeply), and fails for one that it has no row for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__reads_untrusted__"


def reads(function: F) -> F:
    """Marks a function that makes something of what a stranger sent: it gives a value that is safe
    to reckon with and to store, or raises what its docstring says, and nothing else."""
    setattr(function, MARK, True)
    return function
