"""What a caller is told when a call is not carried out: always one shape, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException as PlainError

from calsync.ingest.push import RefusedError


class FieldProblem(BaseModel):
    field: str = Field(description="Where, with dots between names: `place.url`.")
    reason: str = Field(description="What is wrong there, and what to write.")


class Problem(BaseModel):
    """Every answer with a status of 400 or more."""

    code: str = Field(description="A fixed word for programs.", examples=["record_refused"])
    message: str = Field(description="A sentence for people.")
    errors: list[FieldProblem] = Field(
        default=[], description="What is wrong with the call, one entry for each field."
    )


class ProblemError(HTTPException):
    """Ends a call with this answer. FastAPI lets no other error out of reading a body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, code, dict(headers or {}))
        self.problem = Problem(code=code, message=message, errors=list(errors))


Responses = dict[int | str, dict[str, Any]]


def answers(*statuses: int) -> Responses:
    """The `responses` of a route that may end so."""
    words = {
        400: "The request cannot be read.",
        401: "There is no valid token.",
        403: "The token does not allow this.",
        404: "There is nothing of this id or address.",
        409: "The tenant is not set up for this.",
        410: "The cursor is of no use any more: begin anew.",
        413: "The body is too long.",
        422: "A field cannot be used; `errors` says which, and what to write.",
        429: "Too many calls; `Retry-After` says when to come back.",
    }
    return {status: {"model": Problem, "description": words[status]} for status in statuses}


def as_response(error: ProblemError) -> JSONResponse:
    return JSONResponse(error.problem.model_dump(), error.status_code, headers=error.headers)


def install(app: FastAPI) -> None:
    """Let every kind of refusal end in this one shape. No answer repeats what was sent."""

    def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ProblemError)
        return as_response(error)

    def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RefusedError)
        return as_response(record_refused(error))

    def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return as_response(_invalid(error))

    def plain(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, PlainError)
        return as_response(_plain(error))

    app.add_exception_handler(ProblemError, problem)
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(PlainError, plain)


def record_refused(error: RefusedError) -> ProblemError:
    fields = [FieldProblem(field=one.field, reason=one.reason) for one in error.errors]
    message = (
        "the record was not taken in, nothing was changed; correct the fields and send it again"
    )
    return ProblemError(422, "record_refused", message, errors=fields)


def _invalid(error: RequestValidationError) -> ProblemError:
    fields = list(field_problems(error))
    return ProblemError(422, "request_invalid", "the request cannot be used", errors=fields)


# By pydantic's type of the error (docs.pydantic.dev, "Validation Errors"), where its sentence is
# for who writes Python.
PLAINLY = {
    "missing": "is missing",
    "dict_type": "is not a JSON object; send one",
    "json_invalid": "is not JSON; send an object in UTF-8",
    "int_parsing": "is not a whole number",
    "bool_parsing": "is neither true nor false",
}


def field_problems(error: RequestValidationError | ValidationError) -> Iterator[FieldProblem]:
    """What is wrong, by field."""
    for one in error.errors():
        path = [str(part) for part in one["loc"] if part not in ("body", "query", "path")]
        name = ".".join(path) if one["type"] != "json_invalid" else ""
        own = one.get("ctx", {}).get("error")  # what a validator of ours raised
        plain = PLAINLY.get(one["type"], str(one["msg"]))
        reason = str(own) if isinstance(own, ValueError) else plain
        yield FieldProblem(field=name or "body", reason=reason)


def _plain(error: PlainError) -> ProblemError:
    codes = {
        400: ("unreadable", "the request cannot be read; send JSON in UTF-8"),
        404: ("not_found", "there is nothing at this address; see /api/openapi.json"),
        405: ("method_not_allowed", "this address is called with another method"),
    }
    code, message = codes.get(error.status_code, ("failed", "the request failed"))
    headers = {name: value for name, value in (error.headers or {}).items() if name == "Allow"}
    return ProblemError(error.status_code, code, message, headers=headers)


def unusable(field: str, reason: str) -> ProblemError:
    """The answer to a call of which one parameter cannot be used."""
    fault = FieldProblem(field=field, reason=reason)
    return ProblemError(422, "request_invalid", "the request cannot be used", errors=[fault])


def in_utc(at: datetime | None) -> datetime | None:
    """A parameter's instant as UTC; None stays None. Validates with the other parameters, so that
    all that are wrong are told together. Raises ValueError for the few, of the year 1 or 9999, that
    have none there."""
    try:
        return at.astimezone(UTC) if at else None
    except OverflowError:
        raise ValueError("write a date between the years 1970 and 2200") from None


Instant = Annotated[AwareDatetime | None, AfterValidator(in_utc)]  # of a parameter
