"""One call: its attempts, what came over the wire, its failures made ours."""
