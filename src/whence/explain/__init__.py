"""Why: from a measured change to causes with shares, and remedies that were tried."""
