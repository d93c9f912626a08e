"""The embedded model: installed, served in this process or kept for all calls of the user."""
