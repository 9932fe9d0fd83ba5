"""Python imports this at its start: the SMTP client fails for one address, as by a mistake."""

from __future__ import annotations

import smtplib

FAILS = "unforeseen@mail.example"
_send = smtplib.SMTP.send


def _failing(self: smtplib.SMTP, s: bytes | str) -> None:
    text = s.decode("latin-1") if isinstance(s, bytes) else s
    if text.lower().startswith("rcpt") and FAILS in text:
        raise ZeroDivisionError
    _send(self, s)


smtplib.SMTP.send = _failing  # type: ignore[method-assign]
