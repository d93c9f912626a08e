"""The same configuration for other programs, and a LiteLLM proxy's configuration for ccw."""
