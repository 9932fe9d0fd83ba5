"""The pages' own styles, scripts and pictures."""

from __future__ import annotations

import os
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FRESH = "public, max-age=600"


class Static(StaticFiles):
    """The files of the package's folder `static`."""

    def __init__(self) -> None:
        super().__init__(packages=[("calsync.web.pages", "static")])

    def file_response(
        self, full_path: str | os.PathLike[str], *args: Any, **given: Any
    ) -> Response:
        response = super().file_response(full_path, *args, **given)
        response.headers["Cache-Control"] = FRESH
        return response
