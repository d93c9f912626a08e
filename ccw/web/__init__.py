"""The HTTP API and the pages of `ccw serve`: parse, call one thing, answer."""
