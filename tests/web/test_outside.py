"""Places for calls to other people's servers: some for whoever comes back, few for any one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime

import pytest

from calsync.core.visit import Visit, Visitor
from calsync.web.pages.outside import AT_ONCE, OF_A_TENANT, TO_BEGIN, NoRoomError, Outside


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def a_visit(ident: str, tenant: str = "default") -> Visit:
    return Visit(ident, Visitor(tenant, f"{ident}@example.org"), datetime(2026, 12, 3, tzinfo=UTC))


def has_room(call: Callable[[], AbstractContextManager[None]]) -> bool:
    try:
        with call():
            return True
    except NoRoomError:
        return False


def fill(outside: Outside, held: ExitStack) -> None:
    """Every place for what begins, by as many visits of as few tenants as that takes."""
    for n in range(TO_BEGIN):
        held.enter_context(outside.beginning(a_visit(f"v{n}", f"tenant-{n // OF_A_TENANT}")))


def test_a_visit_has_one_place_until_its_call_is_over(held: ExitStack) -> None:
    outside, visit = Outside(), a_visit("maya")
    with outside.beginning(visit):
        assert not has_room(lambda: outside.beginning(visit))
        assert has_room(lambda: outside.beginning(a_visit("sam")))
    assert has_room(lambda: outside.beginning(visit))


def test_a_call_that_fails_gives_its_place_back() -> None:
    outside, visit = Outside(), a_visit("maya")
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="no"), outside.beginning(visit):
            raise ValueError("no")
        with pytest.raises(ValueError, match="no"), outside.returning():
            raise ValueError("no")
    assert has_room(lambda: outside.beginning(visit))


def test_the_visits_of_one_tenant_leave_room_for_those_of_others(held: ExitStack) -> None:
    outside = Outside()
    for n in range(OF_A_TENANT):
        held.enter_context(outside.beginning(a_visit(f"v{n}")))
    assert not has_room(lambda: outside.beginning(a_visit("one more")))
    assert has_room(lambda: outside.beginning(a_visit("another", "acme")))


def test_who_comes_back_finds_room_whatever_begins(held: ExitStack) -> None:
    outside = Outside()
    fill(outside, held)
    assert not has_room(lambda: outside.beginning(a_visit("late", "acme")))
    for _ in range(AT_ONCE - TO_BEGIN):
        held.enter_context(outside.returning())
    assert not has_room(outside.returning)


def test_who_comes_back_goes_before_what_begins(held: ExitStack) -> None:
    outside = Outside()
    for _ in range(AT_ONCE):
        held.enter_context(outside.returning())
    assert not has_room(lambda: outside.beginning(a_visit("maya")))
