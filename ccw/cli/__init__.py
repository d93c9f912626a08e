"""The command line: parse, call one thing below, print."""
