"""From patterns to files: one walk with wcmatch's meaning, git's ignore rules, containment."""
