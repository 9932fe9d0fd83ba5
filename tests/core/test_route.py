"""Routes, who covers whom, and the hand-over table: each row played until all is quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.account import AccountState, Grant
from calsync.core.ledger import Copy, Do, Route, Snapshot
from calsync.core.reconcile.actions import Send
from calsync.core.routing import Member, choose, cover
from tests.core.decisions import TO_A, TO_B, TO_MAIL, A, B
from tests.machine.history import History
from tests.machine.ledger import Rules
from tests.make import NOW

# --- choose ---------------------------------------------------------------------------------------


def test_a_person_without_an_account_is_mailed() -> None:
    other = replace(A, email="sam@example.org")
    assert choose(" Maya@example.org ", [other]) == Route(
        "mail", None, "Maya@example.org", "mail:maya@example.org"
    )


def test_the_account_chosen_last_is_used() -> None:
    newer = replace(B, chosen_at=NOW + timedelta(days=1))
    assert choose("Maya@Example.org", [A, newer]) == TO_B
    assert (
        choose("maya@example.org", [newer, replace(A, chosen_at=NOW + timedelta(days=2))]) == TO_A
    )


def test_an_account_is_found_however_its_address_and_the_persons_are_spelt() -> None:
    typed = replace(A, email="Maya@Bücher.example")
    for email in ("maya@bücher.example", "MAYA@XN--BCHER-KVA.example"):
        assert choose(email, [typed]) == TO_A
    mailbox = Route("mail", None, "Maya@xn--bcher-kva.example", "mail:maya@xn--bcher-kva.example")
    assert choose("Maya@Bücher.example", []) == mailbox


def test_own_consent_goes_before_the_grant_of_a_domain() -> None:
    domain = replace(B, grant=Grant.DOMAIN, chosen_at=NOW + timedelta(days=9))
    assert choose("maya@example.org", [domain, A]) == TO_A
    assert choose("maya@example.org", [domain]) == TO_B


@pytest.mark.parametrize("state", [s for s in AccountState if s is not AccountState.ACTIVE])
def test_an_account_that_cannot_be_written_is_not_used(state: AccountState) -> None:
    assert choose("maya@example.org", [replace(A, state=state)]) == TO_MAIL
    assert choose("maya@example.org", [replace(A, state=state), B]) == TO_B


def test_an_account_nobody_chooses_any_more_is_not_used() -> None:
    assert choose("maya@example.org", [replace(A, chosen_at=None)]) == TO_MAIL


@pytest.mark.parametrize("email", ["", "maya", "maya@", "@x.example", "a b@x.example", "a@b@c"])
def test_there_is_no_way_to_an_address_that_is_none(email: str) -> None:
    assert choose(email, [replace(A, email="")]) is None


# --- cover ----------------------------------------------------------------------------------------


def mailbox(address: str) -> Route:
    return Route("mail", None, address, f"mail:{address}")


def calendar(address: str) -> Route:
    return Route("google", "acc", address, f"google:{address}/primary")


@pytest.mark.parametrize(
    ("members", "covered"),
    [
        ([Member("b", mailbox("x@x")), Member("a", mailbox("x@x"))], {"b": "a"}),
        ([Member("b", calendar("x@x")), Member("a", calendar("x@x"))], {"b": "a"}),
        ([Member("a", mailbox("x@x")), Member("b", mailbox("y@x"))], {}),
        ([Member("a", mailbox("x@x")), Member("b", calendar("x@x"))], {"a": "b"}),
        ([Member("a", mailbox("x@x"), "p"), Member("b", mailbox("y@x"), "p")], {"b": "a"}),
        ([Member("a", mailbox("x@x"), "p"), Member("b", calendar("y@x"), "p")], {"a": "b"}),
        ([Member("b", calendar("x@x"), "p"), Member("a", calendar("y@x"), "p")], {"b": "a"}),
        ([Member("a", mailbox("x@x"), "p"), Member("b", mailbox("y@x"), "q")], {}),
        ([Member("a", None, "p"), Member("b", mailbox("y@x"), "p")], {"a": "b"}),
        ([Member("a", None), Member("b", None)], {}),
        ([Member("a", mailbox("x@x")), Member("b", None)], {}),
    ],
    ids=[
        "one mailbox: the lowest id",
        "one calendar: the lowest id",
        "two mailboxes: nobody",
        "a mailbox that belongs to somebody's calendar account",
        "one human, two mailboxes: the lowest id",
        "one human: the connected one",
        "one human, two calendars: the lowest id",
        "two humans: nobody",
        "no address of their own: the other one",
        "no address at all: nobody",
        "one without an address: nobody",
    ],
)
def test_two_who_see_the_same_place_get_one_copy(
    members: list[Member], covered: dict[str, str]
) -> None:
    assert cover(members) == covered
    assert cover(members[::-1]) == covered


def test_who_is_covered_covers_nobody() -> None:
    members = [
        Member("a", calendar("x@x"), "p"),
        Member("b", mailbox("y@x"), "p"),
        Member("c", mailbox("y@x")),
    ]
    assert cover(members) == {"b": "a"}


# --- hand-over, row by row ------------------------------------------------------------------------


class NoDigest(Rules):
    """Without digests; and uids tell the number of their copy, to be read."""

    announced = timedelta()

    def attempt_copy(self, snapshot: Snapshot, step: Send, uid: Callable[[str, int], str]) -> Copy:
        copy = super().attempt_copy(snapshot, step, uid)
        made = step.do is Do.CREATE
        name = f"{snapshot.delivery.key.participant}-{copy.n}"
        return replace(copy, uid=name) if made else copy


class Played:
    """Maya alone, or Maya and Sam; `calls` collects what reached a calendar or a mailbox."""

    def __init__(self, cast: int = 3) -> None:
        self.history = History(NoDigest(), cast)
        self.ledger = self.history.ledger

    def calls(self) -> list[str]:
        """What was done since the last question, in order."""
        self.history.debounce()
        done = [line.split(" does ")[1] for line in self.ledger.log if " does " in line]
        self.ledger.log.clear()
        return done

    def only(self, participant: str) -> Played:
        for name, one in self.ledger.people.items():
            one.in_session = name == participant
        self.ledger.sync()
        return self

    def connect(self, ident: str) -> None:
        self.history.connect(list(self.ledger.accounts).index(ident), 0)

    def lose(self, ident: str, state: AccountState = AccountState.RECONNECT) -> None:
        self.ledger.calendars[ident].alive = False
        self.ledger.set_account(ident, state=state)

    def move(self, material: str) -> None:
        self.ledger.material = material
        self.ledger.sync()


@pytest.fixture
def played() -> Played:
    """u7, who may connect the calendars g7 (of the same address) and o7."""
    return Played().only("u7")


def test_none_to_anywhere_makes_it(played: Played) -> None:
    assert played.calls() == ["u7 create 1 mail u7-1"]


def test_mail_to_calendar_makes_ours_then_cancels_the_mailed_one(played: Played) -> None:
    played.calls()
    played.connect("g7")
    assert played.calls() == ["u7 create 2 cal u7-2", "u7 withdraw 1 mail u7-1"]
    played.history.check()


def test_mail_to_calendar_deletes_what_the_mail_client_had_put_there(played: Played) -> None:
    played.calls()
    played.connect("g7")
    played.history.mail_client_adds(list(played.ledger.mailboxes).index("m7@x"), 0)
    assert played.calls() == ["u7 create 2 cal u7-2", "u7 withdraw 1 cal u7-1"]
    played.history.check()


def test_what_a_mail_client_adds_later_is_found_by_a_later_look(played: Played) -> None:
    played.calls()
    played.connect("g7")
    mailbox = list(played.ledger.mailboxes).index("m7@x")
    played.history.mail_client_adds(mailbox, 0)
    played.calls()
    played.history.mail_client_adds(mailbox, 0)
    assert played.calls() == ["u7 withdraw 1 cal u7-1"]
    played.history.check()


def test_a_calendar_lost_before_the_last_look_brings_the_cancel(played: Played) -> None:
    played.calls()
    played.connect("g7")
    played.history.mail_client_adds(list(played.ledger.mailboxes).index("m7@x"), 0)
    played.calls()
    played.lose("g7")
    assert played.calls() == ["u7 withdraw 1 mail u7-1"]
    played.history.check()


def test_calendar_to_calendar_makes_it_there_then_withdraws_here(played: Played) -> None:
    played.connect("g7")
    played.calls()
    played.ledger.now += timedelta(minutes=1)
    played.connect("o7")
    assert played.calls() == ["u7 create 2 cal u7-2", "u7 withdraw 1 cal u7-1"]
    played.history.check()


def test_calendar_to_mail_while_the_token_works_mails_then_withdraws(played: Played) -> None:
    played.connect("g7")
    played.calls()
    played.ledger.set_account("g7", chosen_at=None)
    assert played.calls() == ["u7 create 2 mail u7-2", "u7 withdraw 1 cal u7-1"]
    played.history.check()


def test_a_lost_calendar_brings_a_mail_only_when_it_turns_wrong(played: Played) -> None:
    played.connect("g7")
    played.calls()
    played.lose("g7")
    assert played.calls() == []
    played.move("B")
    assert played.calls() == ["u7 create 2 mail u7-2"]
    played.history.check()


def test_the_same_account_again_revives_before_anything_is_made(played: Played) -> None:
    played.connect("g7")
    played.calls()
    played.lose("g7")
    played.move("B")
    played.calls()
    played.connect("g7")
    assert played.calls() == ["u7 change 1 cal u7-1", "u7 withdraw 2 mail u7-2"]
    played.history.check()


def test_lost_to_another_calendar_makes_it_there_and_withdraws_once_reachable(
    played: Played,
) -> None:
    played.connect("g7")
    played.calls()
    played.lose("g7")
    played.connect("o7")
    assert played.calls() == ["u7 create 2 cal u7-2"]
    played.ledger.calendars["g7"].alive = True
    played.ledger.set_account("g7", state=AccountState.ACTIVE, chosen_at=None)
    assert played.calls() == ["u7 withdraw 1 cal u7-1"]
    played.history.check()


def test_mail_to_another_address_invites_there_then_cancels_here(played: Played) -> None:
    played.calls()
    played.ledger.people["u7"].email = "m8@x"
    played.ledger.sync()
    assert played.calls() == ["u7 create 2 mail u7-2", "u7 withdraw 1 mail u7-1"]
    played.history.check()


@pytest.mark.parametrize("state", [AccountState.FREE_BUSY_ONLY, AccountState.UNUSABLE])
def test_an_account_that_cannot_be_written_means_mail(played: Played, state: AccountState) -> None:
    played.connect("g7")
    played.lose("g7", state)
    assert played.calls() == ["u7 create 1 mail u7-1"]


def test_who_is_covered_no_longer_waits_until_the_place_is_free() -> None:
    shared = Played(cast=0)  # u1 and u2 share a mailbox
    assert shared.calls() == ["u1 create 1 mail u1-1"]
    shared.only("u2")
    assert shared.calls() == ["u1 withdraw 1 mail u1-1", "u2 create 1 mail u2-1"]
    shared.history.check()


def test_two_who_swap_their_addresses_withdraw_then_make() -> None:
    both = Played()
    both.calls()
    both.history.swap_addresses(0, 0)
    assert sorted(both.calls()) == [
        "u7 create 2 mail u7-2",
        "u7 withdraw 1 mail u7-1",
        "u8 create 2 mail u8-2",
        "u8 withdraw 1 mail u8-1",
    ]
    both.history.check()
