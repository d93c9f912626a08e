"""Trust: a cloned project's files do not spend or send the user's keys without being asked."""
