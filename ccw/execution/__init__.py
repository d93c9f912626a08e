"""One execution before and around its call: options, plan, bounds, preview, request."""
