"""Questions about one person, about sessions and about sources, in words."""
