"""From the @patterns of a prompt to one packed text, through a cache on disk."""
