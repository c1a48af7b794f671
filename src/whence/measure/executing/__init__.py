"""Tasks spread over workers: processes of this host, or a Ray cluster when asked. Simulator and lab use it."""
