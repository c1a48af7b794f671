"""Does attribution name the right cause? Programs with planted causes, simulated, explained by the product.

    python -m bench.attribution [--seed N] [--scenarios N] [--no-dowhy] [--json FILE]

Each scenario is a program with 6 to 8 switches whose effects on CPU time, memory and tail latency are known: single
effects, interactions, a +5 % / -5 % pair that hides behind a third effect, mostly idle switches, effects on memory
only or on the tail only. `whence.explain` goes about them as it does for real (is there a change, plan, runs by its own
rule within half an hour, shares, verdict); only the runs are made up. Their noise is that of recorded runs of the
built-in workloads on a busy host, replayed (`noise`, `links`), and the same scaled to the quiet host of the plan's
promises: 2 % in all.

The truth of a share is a measurement too: all cells, ten times the runs. An answer of "no change that these runs could
show" counts as not right. On the same programs, with as many runs, in one table: changing one switch at a time, and
DoWhy's change attribution (in an environment of its own under ~/.cache/whence/tools, made on demand). Last the smallest
plan (64 runs with 6 switches), its widths, and what its runs say when builds are forgotten. Rates carry 95 % binomial
intervals.
"""
