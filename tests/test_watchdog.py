"""The watchdog ends calls at their total deadline, however the server drips."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace

import pytest

from providers.http.watchdog import Watchdog


def test_a_dripping_server_is_cut_off_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.01):
            try:
                theirs.sendall(b".")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    with ours, theirs, Watchdog().watch(time.monotonic() + 0.2) as watch:
        watch.add(ours)
        while ours.recv(1):
            pass
        stop.set()
        assert watch.fired


def test_a_call_that_ended_in_time_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("providers.http.watchdog.time", clock)
    watchdog = Watchdog()
    ours, theirs = socket.socketpair()
    with ours, theirs, watchdog.watch(0.01):  # behind which the next one stays in line
        with watchdog.watch(0.02) as first:
            first.add(ours)
        now[0] = 20
        with watchdog.watch(0.03) as second:
            while not second.fired:
                threading.Event().wait(0.01)
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"
        assert not first.fired


def test_a_socket_added_after_the_deadline_is_cut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Watchdog().watch(time.monotonic()) as watch:
        deadline = time.monotonic() + 5
        while not watch.fired and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        watch.add(ours)
        assert ours.recv(1) == b""


def test_a_deadline_before_those_that_are_watched_is_kept() -> None:
    watchdog = Watchdog()
    ours, theirs = socket.socketpair()
    with ours, theirs, watchdog.watch(time.monotonic() + 60) as long:
        watchdog.watch(time.monotonic() + 90).__enter__()
        with watchdog.watch(time.monotonic() + 0.1) as short:
            short.add(ours)
            assert ours.recv(1) == b""
            assert (short.fired, long.fired) == (True, False)


def test_the_watchdog_sleeps_on_while_no_deadline_is_earlier() -> None:
    watchdog = Watchdog()
    woken = list[int]()
    with watchdog.watch(time.monotonic() + 60):
        changed = watchdog._changed
        notify = changed.notify
        changed.notify = lambda n=1: woken.append(n) or notify(n)  # type: ignore[method-assign]
        for late in range(50):
            with watchdog.watch(time.monotonic() + 61 + late):
                pass
        assert woken == []
        with watchdog.watch(time.monotonic() + 30):
            pass
        assert woken == [1]
