"""Other tools on the same recorded runs: how often each sees a difference between a program and itself."""
