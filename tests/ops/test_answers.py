"""Status codes and words of providers are told with what they mean."""

from __future__ import annotations

import pytest

from calsync.ops.questions.answers import meaning


@pytest.mark.parametrize(
    ("answer", "begins"),
    [
        ("refused: rcpt: answered 550 5.1.1", "their mail server has no such mailbox"),
        ("refused: rcpt: answered 556 5.1.10", "that domain accepts no mail"),
        ("refused: rcpt: answered 550 5.1.0", "their mail server does not know the address"),
        ("refused: mail: answered 550 5.1.8", "their server does not take mail of our sender"),
        ("try_later: rcpt: answered 452 4.2.2", "their mailbox is full"),
        ("refused: rcpt: answered 550 5.2.1", "their mailbox is closed"),
        ("refused: body: answered 550 5.7.26", "a mail server refuses our mail by its policy"),
        ("try_later: rcpt: answered 450 4.7.1", "a mail server asks us to send more slowly"),
        ("try_later: rcpt: answered 451 4.3.0", "a mail server puts the mail off"),
        ("refused: rcpt: answered 550", "their mail server refuses this recipient"),
        ("setup: auth: answered 535", "the mail server does not accept the login"),
        ("try_later: connect: answered 421", "the mail server asks us to come back later"),
        ("access_lost: invalid_grant", "the consent has ended"),
        ("try_later: 403 quotaExceeded", "the provider's daily limit is used up"),
    ],
)
def test_an_answer_is_told_in_words(answer: str, begins: str) -> None:
    assert meaning(answer).startswith(begins)


@pytest.mark.parametrize("answer", [None, "", "yes", "try_later: something else"])
def test_what_says_all_itself_is_given_no_meaning(answer: str | None) -> None:
    assert meaning(answer) == ""
