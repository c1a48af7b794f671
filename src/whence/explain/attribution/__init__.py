"""Which switch, module, patch, go.mod line, flag or source hunk carries which share of a change."""
