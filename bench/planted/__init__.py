"""Planted causes: a real program with six to eight switches of known effect, explained for real.

`python -m bench.planted [SCENARIOS] [--out DIR]` explains each scenario with `whence.explain`, measures the same
shares again with ten times the runs (the truth: not the generator's coefficients), and prints how often the top cause
was right, how often intervals covered the truth, and how often idle switches were blamed. An interrupted run goes on.
"""
