"""An installation whose ledger is copied, put back and repaired, in this process."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from calsync.ops import commands
from calsync.ops.restore.recover import recover
from calsync.ops.restore.verify import Verification, Verifier
from calsync.store.queue.pauses import ALL
from tests.harness.installation import Installation


@dataclass
class Restoring:
    made: Installation

    def back_up(self) -> None:
        self.made.close()
        shutil.copy(self.made.folder / "calsync.db", self.made.folder / "backup.db")

    def put_back(self) -> None:
        """The copy, and everything up to the repair."""
        self.made.close()
        for rest in self.made.folder.glob("calsync.db*"):
            rest.unlink()
        shutil.copy(self.made.folder / "backup.db", self.made.folder / "calsync.db")
        recover(self.made.open().context)
        self.made.sync()

    def verify(self) -> Verification:
        return Verifier(self.made.open().context).report()

    def repair(self, sources: Sequence[str] = ("platform",)) -> Verification:
        """Everything after the ledger was put back."""
        done = Verifier(self.made.open().context).repair(sources)
        commands.resume(self.made.open().context, ALL, ALL)
        self.made.sync()
        return done
