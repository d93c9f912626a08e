"""The pages of `ccw serve`: rendered here, brought to life by small modules in `static/`."""
