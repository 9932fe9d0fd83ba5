"""What the daemon of these tests is started with: `sitecustomize` of this folder."""

from __future__ import annotations

from pathlib import Path

FAILS = "unforeseen@mail.example"  # a mail to whom raises what nobody foresaw, in the daemon alone
FOLDER = Path(__file__).parent
