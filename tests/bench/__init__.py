"""How fast calsync is on this machine: `make bench` writes docs/performance.md."""
