"""Calls that may go to one of several keys and endpoints; litellm's Router chooses."""
