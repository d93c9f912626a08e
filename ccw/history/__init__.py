"""The run log of a project: what calls cost, and what their prefixes were made of."""
