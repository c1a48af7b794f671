"""Names of the rules by which the scavengers of different releases work."""

from __future__ import annotations

# What the background scavenger works towards.
NOTHING = 0
"""1.0: memory is never given back."""
IDLE_SPANS = 1
"""1.1 to 1.12: spans that have been free for five minutes."""
NEXT_COLLECTION = 2
"""1.13.0 to 1.13.2: 110 % of the size at which the next collection is due."""
IN_USE = 3
"""1.13.3 and later: 110 % of what was in use at the last collection, scaled as the heap goal grows."""

# What it does for the memory limit.
LIMIT_NEVER = 0
"""There is no memory limit: up to 1.18."""
LIMIT_TIMES_95 = 1
"""1.19 to 1.21: the share of the limit was taken as 95 instead of 0.95, so that this goal is never passed."""
LIMIT_95_PERCENT = 2
"""1.22 and later."""

# How it rests.
RATE = 0
AVERAGE = 1
CONTROLLER = 2
TICK = 3
"""1.1 to 1.12: looks every so often, whatever it finds."""
