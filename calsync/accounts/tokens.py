"""Opening accounts: tokens come from the sealed store and are refreshed under the account's lock.

The lock is a lease in the account's row, taken and given back in short transactions; no
transaction is open while the provider answers. Whoever waits for it gives up at its own deadline.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from calsync.core.account import AccountState, Credentials
from calsync.errors import AccessLost, ChannelError, SealError, Setup, TryLater
from calsync.ports import Access, Refresher
from calsync.runtime import failpoints, unexpected
from calsync.runtime.meter import Meter
from calsync.store.connect import accounts
from calsync.store.database import Db, Store
from calsync.store.vault import Vault

UNKNOWN = 3600.0  # seconds; what `providers.oauth` waits for a word that it does not know
MOST_OPEN = 5_000  # accounts that are kept open
EARLY = timedelta(minutes=3)  # a token that ends this soon is refreshed first


class StoredAuthorizer:
    """The Authorizer over the store.

    refreshers   by (tenant, provider); a provider without one is opened by its password
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        refreshers: Mapping[tuple[str, str], Refresher],
        at: failpoints.At = failpoints.nowhere,
        meter: Meter | None = None,
    ) -> None:
        self.store, self.vault, self.refreshers, self.at = store, vault, refreshers, at
        self.meter = meter or Meter()
        self._opened: dict[str, tuple[int, Access]] = {}  # by account, with the version

    def open(
        self,
        account: str,
        until: float,
        *,
        fresh: bool = False,
        version: int | None = None,
        known: Credentials | None = None,
    ) -> Access:
        """Access for one call; see `calsync.ports.Authorizer`."""
        kept = None if fresh else self._kept(account, version)
        if kept is not None:
            return kept
        if known is None or fresh or known.state is AccountState.DISCONNECTED:
            known = self._read(account)
        refresher = self.refreshers.get((known.tenant, known.provider))
        if refresher is None:
            return self._keep(known, self._by_password(known))
        if not fresh and known.token is not None:
            return self._keep(known, _access(known, known.token, known.token_until))
        return self._refreshed(known, refresher, until)

    def is_open(self, account: str, version: int) -> bool:
        """See `calsync.ports.Authorizer`."""
        return self._kept(account, version) is not None

    def _kept(self, account: str, version: int | None) -> Access | None:
        kept = self._opened.get(account)
        return kept[1] if kept is not None and kept[0] == version and self._lasts(kept[1]) else None

    def _keep(self, known: Credentials, access: Access) -> Access:
        if len(self._opened) >= MOST_OPEN:
            self._opened.clear()
        self._opened[known.account] = known.version, access
        return access

    def _lasts(self, access: Access) -> bool:
        now = datetime.now(UTC) + self.store.shift()
        return access.expires_at is None or access.expires_at - EARLY > now

    def _read(self, account: str) -> Credentials:
        try:
            with self.store.read() as db:
                known = accounts.credentials(db, self.vault, account, EARLY)
        except SealError as error:
            raise Setup(
                "credentials cannot be unsealed; security.keys must list the key they were "
                "sealed with",
                happened="no",
                scope="provider",
            ) from error
        if known is None or known.state is AccountState.DISCONNECTED:
            raise AccessLost("account is not connected", happened="no", scope="account")
        return known

    def _by_password(self, known: Credentials) -> Access:
        password = known.secret.get("password")
        if password is None:
            raise Setup(
                f"{known.provider} is not configured for this tenant", happened="no", scope="tenant"
            )
        return _access(known, password, None)

    def _refreshed(self, known: Credentials, refresher: Refresher, until: float) -> Access:
        """Refresh, or take what another worker refreshed meanwhile."""
        while True:
            lock = failpoints.transact(
                self.store, self.at, "token_lock", partial(_lock, known.account, until)
            )
            if lock is not None:
                return self._refresh_locked(known, refresher, lock, until)
            if time.monotonic() + 0.2 >= until:
                raise TryLater("token is being refreshed", happened="no", scope="account")
            time.sleep(0.1)
            again = self._read(known.account)
            if again.version != known.version and again.token is not None:
                return _access(again, again.token, again.token_until)

    def _refresh_locked(
        self, known: Credentials, refresher: Refresher, lock: str, until: float
    ) -> Access:
        try:
            now = self._read(known.account)
            if now.version != known.version and now.token is not None:
                return _access(now, now.token, now.token_until)
            with failpoints.call(self.at, "refresh"):
                ask = partial(refresher.refresh, now, until)
                got = unexpected.measured(self.meter, now.provider, "refresh", ask)
            if isinstance(got, ChannelError):
                raise _of_account(got)

            def keep(db: Db) -> None:
                accounts.store_token(db, self.vault, now, got.token, got.expires_at, got.secret)

            # Some providers end the old refresh token by giving a new one: this one is not lost
            # with a connection, and storing it twice is storing it.
            failpoints.transact(
                self.store,
                self.at,
                "token_store",
                keep,
                patience=max(0.0, until - time.monotonic()),
                unsure=keep,
            )
            return _access(now, got.token, got.expires_at)
        finally:
            failpoints.transact(
                self.store,
                self.at,
                "token_unlock",
                lambda db: accounts.unlock(db, known.account, lock),
            )


def _of_account(error: ChannelError) -> ChannelError:
    """The answer to a refresh. No calendar heard of it, whatever it was: one that nobody foresaw
    costs the account an hour, like a word that nobody knows, and refuses no delivery."""
    if error.origin is None:
        return error
    return TryLater(
        error.reason, happened="no", scope="account", after=UNKNOWN, origin=error.origin
    )


def _lock(account: str, until: float, db: Db) -> str | None:
    return accounts.lock(db, account, max(1.0, until - time.monotonic() + 5))


def _access(known: Credentials, secret: str, expires_at: datetime | None) -> Access:
    return Access(
        account=known.address,
        secret=secret,
        username=known.username,
        endpoint=known.endpoint,
        calendar=known.calendar,
        expires_at=expires_at,
        refuses_stale=known.refuses_stale,
    )
