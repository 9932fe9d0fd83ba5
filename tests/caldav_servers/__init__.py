"""Real CalDAV servers on loopback, each with data of its own that goes with it. `--caldav NAME`
runs the CalDAV tests over one of them in the place of Radicale; docs/caldav.md says what they
answer."""
