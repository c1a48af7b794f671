"""Is the instrument honest? Thousands of simulated comparisons whose truth is known, judged by the product's rules.

    python -m bench.calibration [--seed N] [--repetitions N] [--study NAME] [--json FILE]

Each row of the printed table is a rate with its 95 % binomial interval and, where a requirement exists, whether it is
met. A rate fails when it is beyond its requirement by more than binomial error explains at 1 in 1,000. The rates that
matter most are made of ten times as many comparisons, so that this error is small.
"""
