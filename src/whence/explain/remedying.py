"""What to do: the causes that carry a change, against the table of remedies, in further variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.explain.advice.judge import STAGE, Tried, blocks_for, within_budget
from whence.explain.advice.propose import Situation, propose
from whence.explain.attribution import verdicts
from whence.explain.attribution.cells import Planned
from whence.measure.judge import margin_of

if TYPE_CHECKING:
    from whence.explain.search import Search


def try_remedies(search: Search) -> None:
    """Tries what the table knows against the causes that carry the change."""
    change, levers, total = search.change, search.levers, search.total
    assert change is not None and levers is not None and total is not None
    carriers = verdicts.carrying(search.causes, search.points)
    inside = [c for c in search.causes if c.kind == "compiler-limit"]
    situation = Situation(
        base=search.base,
        candidate=search.candidate,
        metric=search.trials.metric,
        release=search.trials.settled.releases[1],
        fixed_in=search.fixed_in,
        newest_carries=search.newest_carries,
        candidate_value=total.candidate_value,
        base_release=search.trials.settled.releases[0],
        huge_pages=search.huge_pages,
    )
    release = levers.release
    names = {c.name: c.name for c in carriers}
    if release is not None:
        names |= {c.name: release.name for c in carriers if c.kind in verdicts.RELEASE_KINDS}
    proposals = propose(
        [*carriers, *inside], situation, lambda name: levers.undone(names[name]) if name in names else None
    )
    if not proposals:
        return
    margin = margin_of(search.trials.metric, search.trials.settled.margins)
    run_s, budget_s = change.seconds_a_run + search.link_seconds, search.clock.share(0.5)
    affordable = within_budget(proposals, exact=change.exact, seconds_a_run=run_s, budget_s=budget_s)
    arms = 2 + sum((p.variant is not None) * (1 if p.takes_back else 2) for p in affordable)
    blocks = blocks_for(
        run_sd=change.run_sd, margin=margin, exact=change.exact, seconds_a_block=arms * run_s, budget_s=budget_s
    )
    names_tried = tuple(p.change for p in affordable)
    planned = search.decide(STAGE, Planned(blocks=blocks, layouts=None, cells=arms, half_width=0.0, what=names_tried))
    tried = Tried(search.trials, situation, margin=margin, exact=change.exact, change=search.points)
    chosen = [p for p in proposals if p.change in planned.what]
    search.remedies, search.rejected = tried.judge(chosen, planned.blocks)
    left = [p.change for p in proposals if p.change not in planned.what]
    if left:
        search.trials.note(f"not tried for want of time: {', '.join(left)}")
