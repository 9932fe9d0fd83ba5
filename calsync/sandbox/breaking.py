"""Faults on cue, for the providers' APIs and token endpoints, and for SMTP."""

from __future__ import annotations

from collections.abc import Mapping

from calsync.sandbox.faults import Fault
from calsync.sandbox.world import World

SMTP_STAGES = ("rcpt", "data", "drop_before_data", "drop_after_data")
Match = Mapping[str, str]


class Breaking(World):
    """What can be made to go wrong: `times` times (None: until cleared) where `match` fits."""

    def fail(
        self,
        match: Match | None = None,
        *,
        status: int,
        reason: str = "",
        message: str = "",
        retry_after: int | None = None,
        times: int | None = 1,
    ) -> None:
        """Answer an error and do nothing."""
        self._fault(
            Fault(
                "fail",
                match or {},
                times,
                status=status,
                reason=reason,
                message=message,
                retry_after=retry_after,
            )
        )

    def drop(self, match: Match | None = None, *, times: int | None = 1) -> None:
        """Cut the connection and do nothing."""
        self._fault(Fault("drop", match or {}, times))

    def commit_then_drop(self, match: Match | None = None, *, times: int | None = 1) -> None:
        """Do the work, then cut the connection without an answer."""
        self._fault(Fault("commit_then_drop", match or {}, times))

    def commit_then_504(self, match: Match | None = None, *, times: int | None = 1) -> None:
        """Do the work, then answer 504 as a gateway that gave up."""
        self._fault(Fault("commit_then_504", match or {}, times, status=504, reason="backendError"))

    def commit_then_fail(
        self,
        match: Match | None = None,
        *,
        status: int,
        reason: str = "",
        message: str = "",
        retry_after: int | None = None,
        times: int | None = 1,
    ) -> None:
        """Do the work, then answer an error, as outlook.com did with 403 ErrorAccountSuspend."""
        self._fault(
            Fault(
                "commit_then_fail",
                match or {},
                times,
                status=status,
                reason=reason,
                message=message,
                retry_after=retry_after,
            )
        )

    def slow(self, seconds: float, match: Match | None = None, *, times: int | None = 1) -> None:
        """Do the work at once and answer `seconds` later."""
        self._fault(Fault("slow", match or {}, times, seconds=seconds))

    def drip(self, seconds: float, match: Match | None = None, *, times: int | None = 1) -> None:
        """Do the work at once and answer one byte every `seconds`."""
        self._fault(Fault("drip", match or {}, times, seconds=seconds))

    def latency(self, seconds: float) -> None:
        """Every request to a provider takes this much longer."""
        self.delay = seconds

    def google_quota(self, *, project: int, person: int) -> None:
        """Google refuses what exceeds so many requests in any minute, of all people together and of
        each; 0: nothing. Counted from now on, see `google_usage`."""
        with self.lock:
            self.google.quota.begin(project=project, person=person)

    def fail_smtp(
        self,
        stage: str = "rcpt",
        *,
        code: int = 451,
        message: str = "4.3.0 try again later",
        person: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Refuse at RCPT or DATA with a code, or cut the connection before or after DATA."""
        if stage not in SMTP_STAGES:
            raise ValueError(f"stage is one of {SMTP_STAGES}, not {stage}")
        match = {"person": person} if person else {}
        fault = Fault(stage, {"method": stage, **match}, times, status=code, message=message)
        with self.lock:
            self.smtp_faults.add(fault)

    def clear_faults(self) -> None:
        """Forget every arranged fault; latency stays."""
        with self.lock:
            self.faults.clear()
            self.smtp_faults.clear()

    def _fault(self, fault: Fault) -> None:
        with self.lock:
            self.faults.add(fault)
