"""Plans for experiments with several two-level factors, some of which need a build for each setting.

`choose(factors)` picks a plan, `follow_up` the one after screening, `fold` separates interactions that matter,
`schedule` orders the runs. `aliases` says from the cells alone what a plan can tell apart. docs/methods/designs.md.
"""

from whence.stats.designs.choice import choose, follow_up
from whence.stats.designs.factors import Cell, Design, Factor
from whence.stats.designs.folding import fold
from whence.stats.designs.schedule import PlannedRun, layouts_for, schedule

__all__ = ["Cell", "Design", "Factor", "PlannedRun", "choose", "fold", "follow_up", "layouts_for", "schedule"]
