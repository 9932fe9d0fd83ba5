"""What a button is made of, for mail programs that know little of CSS."""

from __future__ import annotations

import re

from tests.make import an_event
from tests.providers.written_mails import part, write


def test_a_button_is_a_coloured_cell_for_desktop_outlook() -> None:
    """It draws by Word: background and padding of a link are lost, those of a cell are not
    (https://www.caniemail.com/features/css-padding/)."""
    html = part(write(event=an_event()), "text/html").decode()
    first, second = re.findall(r'<table role="presentation"[^>]*><tr>\s*<td ([^>]*)><a ', html)
    assert 'bgcolor="#1a56c4"' in first
    assert all("padding:1" in cell for cell in (first, second))
    assert "overflow-wrap:anywhere" in html
