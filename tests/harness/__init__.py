"""What tests stand on: ledgers that are ready, and a small calsync around them."""
