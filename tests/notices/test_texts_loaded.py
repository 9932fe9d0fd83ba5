from __future__ import annotations

import pytest

from calsync.messages import dates, language
from calsync.notices.sender import Notifier
from tests.harness.platform import Platform


def test_texts_are_read_before_the_transaction_that_needs_them(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "load", lambda: platform.at.append("texts"))
    Notifier(platform.context, {}).run_once()
    assert platform.at[:2] == ["texts", "notice_claim.before"]


def test_what_is_read_once_has_the_days_of_english(monkeypatch: pytest.MonkeyPatch) -> None:
    days: list[str] = []
    monkeypatch.setattr(dates, "short_day", lambda locale, _at: days.append(str(locale)) or "")
    language.load.cache_clear()
    for _ in range(2):
        language.load()
    assert [one.partition("_")[0] for one in days] == ["en"]
