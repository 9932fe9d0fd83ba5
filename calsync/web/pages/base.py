"""Pages for people: rendered in their language, for the browser that came in, and for no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from calsync.core.address import in_unicode
from calsync.core.visit import Visit
from calsync.messages.catalogue import languages
from calsync.messages.language import Language, language
from calsync.selfservice.entry import Arrivals
from calsync.web.api.auth import Pace
from calsync.web.forms import own_fields
from calsync.web.pages import texts
from calsync.web.pages.outside import NoRoomError, Outside

PER_MINUTE = 240  # requests of one visit
# A minute, of browsers that are not in; behind a proxy that is everybody after a mailing.
FROM_ONE_ADDRESS = 6000
DOOR_SECONDS = 900


class PageError(Exception):
    """Ends a request with a page. `name` are its two sentences: NAME_title and NAME_body."""

    def __init__(self, name: str, status: int, **values: object) -> None:
        self.name, self.status, self.values = name, status, values
        super().__init__(name)


class Pages:
    """What every page needs. Forms are safe against other sites by two things: where the browser
    says the request comes from, and a proof that only our own pages hold."""

    def __init__(self, arrivals: Arrivals, pace: Pace | None = None) -> None:
        self.arrivals = arrivals
        self.secure = arrivals.public_url.startswith("https:")
        self._pace = pace or Pace(PER_MINUTE)
        self._strangers = Pace(FROM_ONE_ADDRESS)
        self._outside = Outside()
        self._templates = Environment(
            loader=PackageLoader("calsync.web.pages"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["in_unicode"] = in_unicode

    # --- rendering -------------------------------------------------------------------------------

    def page(
        self,
        request: Request,
        visit: Visit | None,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        **values: Any,
    ) -> Response:
        """A page. Its template sees `values`, `visit`, `csrf`, `lang` and `t(key, **values)`."""
        code = self.speaks(request, visit).code
        shown = self._templates.get_template(template).render(
            t=partial(self._say, code),
            lang=code,
            languages=languages(),
            visit=visit,
            csrf=self.arrivals.proof(self.cookie(request)) if visit else "",
            path=request.url.path,
            **values,
        )
        return HTMLResponse(shown, status, headers={"Vary": "Accept-Language, Cookie"})

    def message(
        self,
        request: Request,
        visit: Visit | None,
        name: str,
        status: int,
        values: Mapping[str, object] = MappingProxyType({}),
    ) -> Response:
        """A page of a title and a sentence, and what to do next."""
        return self.page(request, visit, "message.html", status=status, name=name, values=values)

    def speaks(self, request: Request, visit: Visit | None) -> Language:
        """The language of a page, with the region of the person's wish where that is the same."""
        wished = visit.visitor.locale if visit else ""
        code = texts.choose(wished, request.headers.get("accept-language", ""))
        known = language(wished)
        return known if known.code == code else Language(code)

    def text(self, request: Request, visit: Visit | None, key: str, **values: object) -> str:
        """One sentence in the language of the page, for what is no template."""
        return self._say(self.speaks(request, visit).code, key, **values)

    @staticmethod
    def _say(language: str, key: str, **values: object) -> str:
        return texts.say(language, key, values)

    # --- browsers --------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The cookie's name. Browsers take `__Host-` from https alone; http is for this machine."""
        return "__Host-calsync" if self.secure else "calsync"

    @property
    def door(self) -> str:
        """The name of the cookie of a browser that is about to come in."""
        return f"{self.name}-door"

    def cookie(self, request: Request) -> str:
        return request.cookies.get(self.name, "")

    def visitor(self, request: Request) -> Visit:
        """Whose browser this is. Raises PageError when nobody's, or when it asks too often."""
        shown = self.cookie(request)
        visit = self.arrivals.visit(shown) if shown else None
        if visit is None:
            raise PageError("ended", HTTPStatus.FORBIDDEN)
        if self._pace.take(visit.id):
            raise _too_often()
        return visit

    def slowly(self, request: Request) -> None:
        """Raises PageError when too much comes from one address."""
        if self._strangers.take(request.client.host if request.client else ""):
            raise _too_often()

    @contextmanager
    def outside(self, visit: Visit, *, returning: bool = False) -> Iterator[None]:
        """Around calls to somebody else's server, which may take long: a few at once, so that
        others find a thread. `returning`: from a sign-in, which goes before what begins. Raises
        PageError when all places are taken."""
        room = self._outside.returning() if returning else self._outside.beginning(visit)
        with ExitStack() as stack:
            try:
                stack.enter_context(room)
            except NoRoomError:
                raise PageError("busy", HTTPStatus.TOO_MANY_REQUESTS) from None
            yield

    async def form(self, request: Request, cookie: str) -> dict[str, str]:
        """The fields of a form of ours, sent by the browser that has this cookie's value. Raises
        PageError for what another site sent."""
        proof = self.arrivals.proof(cookie) if cookie else ""
        fields = await own_fields(request, _origin(self.arrivals.public_url), proof)
        if fields is None:
            _refuse()
        return fields

    async def own_form(self, request: Request) -> dict[str, str]:
        """The fields of a form that a visitor sent. Raises PageError."""
        return await self.form(request, self.cookie(request))

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts and other sites do not see; "" and 0 take it away."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


def _too_often() -> PageError:
    return PageError("often", HTTPStatus.TOO_MANY_REQUESTS)


def see(path: str) -> RedirectResponse:
    """After a form: look there. `path` is one of ours."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _refuse() -> NoReturn:
    raise PageError("forged", HTTPStatus.FORBIDDEN)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
