"""JMESPath expressions of a mapping: compiled once, evaluated on what an API answered."""

from __future__ import annotations

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from calsync.sources.mapping.functions import Functions, NoEntryError, Tables
from calsync.untrusted.reading import reads


class ExpressionError(Exception):
    """An expression gives nothing for this answer; the text says why and quotes nothing of it but a
    word that a lookup table does not name."""


class Expression:
    """One expression, as it is written. Raises ValueError for one that is none."""

    def __init__(self, text: str, tables: Tables) -> None:
        self.text = text
        self._compiled = jmespath.compile(text)
        self._options = jmespath.Options(custom_functions=Functions(tables))

    @reads
    def of(self, value: object) -> Any:
        """What the expression gives; None when nothing is there. Raises ExpressionError."""
        try:
            return self._compiled.search(value, options=self._options)
        except NoEntryError as error:
            raise ExpressionError(str(error)) from None
        except JMESPathError as error:
            raise ExpressionError(f"cannot be computed ({_kind(error)})") from None
        except (ArithmeticError, RecursionError, ValueError, TypeError):
            raise ExpressionError("cannot be computed from what is there") from None


def _kind(error: JMESPathError) -> str:
    name = getattr(error, "function_name", None)
    return f"{name}() takes another type of value" if name else "not what it needs is there"
