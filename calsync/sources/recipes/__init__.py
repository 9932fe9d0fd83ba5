"""Ready-made sources for booking systems that nobody here wrote: data, one TOML file for each.

A recipe says what it can and cannot see, how that system cancels, which rights it needs, and holds
the `[[source]]` table with `{{parameters}}` in it.
"""
