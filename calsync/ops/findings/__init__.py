"""Rules of the verdict about what lies around the ledger."""
