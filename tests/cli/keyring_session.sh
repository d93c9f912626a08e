#!/bin/sh
# A keyring of its own, unlocked, for the command that follows: dbus-run-session -- this COMMAND...
# LOCKED=1 leaves it as it comes: an earlier session's is locked then, and nobody there to ask.
if [ -n "$LOCKED" ]; then
  gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
else
  printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
fi
exec "$@"
