"""Found files to one packed text: decoded, fenced, in order, within a bound."""
