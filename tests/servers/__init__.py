"""Servers on loopback for the tests: they record every request and misbehave when told to."""
