"""The simulated process beside the real one: the same described program, release by release, setting by setting."""
