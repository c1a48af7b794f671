"""Does attribution name the right cause? Programs with planted causes, simulated, through plan and analysis.

    python -m bench.attribution [--seed N] [--scenarios N] [--json FILE]

Each scenario is a program with 6 to 8 switches whose effects on CPU time, memory and tail latency are known: single
effects, interactions, a +5 % / -5 % pair that hides behind a third effect, mostly idle switches, effects on memory
only or on the tail only. Runs carry the noise of a busy machine: from run to run, from link to link (code layout),
drift and bursts. The product's plan is run on them (screening and a second plan above 6 switches) and its analysis
read. The truth of a share is the exact Shapley value of the planted surface.

Beside it, on the same scenarios and with the same number of runs: changing one switch at a time, and the product's
plan analysed as if all runs were alike. Rates carry 95 % binomial
intervals. `dowhy_rival` gives DoWhy the same scenarios, in an environment of its own.
"""
