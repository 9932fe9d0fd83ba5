"""What operators are answered. Fields are the keys of `--json` (docs/json.md): one may be added,
none renamed or taken away. Nothing here holds content, secrets or tokens."""
