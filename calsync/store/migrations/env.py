"""Alembic's entry: runs on the connection that `calsync.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from calsync.store.tables.proofs import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Table.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
