"""The sandbox as a process: `python -m calsync.sandbox --help`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from calsync.sandbox.sandbox import Sandbox


def await_end(over: threading.Event) -> None:
    """Set it when nobody holds our standard input open any more."""
    # os.read and no buffer: a buffer's lock would still be held when Python ends
    while os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()


def main() -> None:
    """Print where everything is as one JSON line, then serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m calsync.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument(
        "--forever", action="store_true", help="go on when standard input is closed"
    )
    options = parser.parse_args()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    if not options.forever:  # whoever started us has ended: so do we
        threading.Thread(target=await_end, args=(over,), daemon=True).start()
    with Sandbox(
        port=options.port, smtp_port=options.smtp_port, latency=options.latency_ms / 1000
    ) as sandbox:
        sys.stdout.write(json.dumps(sandbox.info()) + "\n")
        sys.stdout.flush()
        over.wait()


if __name__ == "__main__":
    main()
