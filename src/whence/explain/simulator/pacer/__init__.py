"""When the collector starts and how hard it works, by release: the pacer and the limiter of its CPU."""
