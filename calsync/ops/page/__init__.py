"""The ops page: who may look and act, and what it shows."""
