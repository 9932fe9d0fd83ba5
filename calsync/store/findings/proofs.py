"""What providers were seen to do by `calsync doctor`, where their documentation leaves it open."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert


def remember(db: Db, tenant: str, provider: str, answers: Mapping[str, str]) -> None:
    """Store what was seen, over what was seen before."""
    rows = [
        {
            "tenant": tenant,
            "provider": provider,
            "question": question,
            "answer": answer,
            "proven_at": db.now,
        }
        for question, answer in sorted(answers.items())
    ]
    if rows:
        upsert(db, table("proof"), rows, ("answer", "proven_at"))


def proven(db: Db) -> dict[tuple[str, str, str], str]:
    """Every answer by (tenant, provider, question). There are a dozen for a tenant at most."""
    rows = db.all(sa.select(table("proof")))
    return {(row["tenant"], row["provider"], row["question"]): row["answer"] for row in rows}
