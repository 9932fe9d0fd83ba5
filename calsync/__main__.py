"""`python -m calsync` is `calsync`."""

from calsync.cli import main

main()
