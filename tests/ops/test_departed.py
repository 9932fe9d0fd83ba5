"""Who was put into a session between a backup and its return, and is not in it any more."""

from __future__ import annotations

import pytest

from tests.harness.installation import MAYA
from tests.ops.restoring import Restoring

HER = {"id": "u-1", "name": "Maya Chen", "email": MAYA}
SAM = {"id": "u-2", "name": "Sam Okafor", "email": "sam@mail.example"}
LENA = {"id": "u-3", "name": "Lena Vogel", "email": "lena@mail.example"}


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_an_event_of_the_lost_time_goes_whose_session_names_its_person_no_more(
    restoring: Restoring, provider: str
) -> None:
    made = restoring.made
    for one in (SAM, LENA):
        made.sandbox.add_person(one["email"])
    made.connect(provider)
    made.book("ses-1")
    made.sync()
    restoring.back_up()
    made.book("ses-2", days=11, participants=[HER, SAM])
    made.sync()
    assert len(made.shown()) == 2
    made.book("ses-2", days=12, participants=[LENA, SAM])
    restoring.put_back()
    told = restoring.repair()
    assert (told.orphans, told.unknown) == (1, 0)
    assert made.shown() == [(provider, "Title of ses-1")]
    assert restoring.verify().differences == 0
    assert made.mails() == []


def test_an_event_of_the_lost_time_stays_whose_person_has_an_address_that_cannot_be_used_now(
    restoring: Restoring,
) -> None:
    """That is a mistake in the record and no departure, as it is where nothing was lost."""
    made = restoring.made
    made.sandbox.add_person(SAM["email"])
    made.connect("google")
    made.book("ses-1")
    made.sync()
    restoring.back_up()
    made.book("ses-2", days=11, participants=[HER, SAM])
    made.sync()
    assert len(made.shown()) == 2
    made.book("ses-2", days=11, participants=[{**HER, "email": "maya at mail"}, SAM])
    restoring.put_back()
    assert restoring.repair().orphans == 1
    assert len(made.shown()) == 2
    made.book("ses-2", days=12, participants=[HER, SAM])
    made.sync()
    assert restoring.verify().differences == 0
    assert len(made.shown()) == 2
