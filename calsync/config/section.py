"""What every section of the configuration is."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, SecretStr

from calsync.config.checks import Problem

NO_SECRET = SecretStr("")


class Section(BaseModel):
    """Frozen; unknown keys are refused; no value is ever part of an error's text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )

    def check(self) -> Iterator[Problem]:
        """Problems between keys, or of their text."""
        yield from ()
