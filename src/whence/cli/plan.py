"""`whence compare --plan`: what would be run, in which order, and what it would cost."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from whence.cli.output import Outputs
    from whence.evidence.comparison import Plan
    from whence.measure.settle import Settled

BLOCKS_SHOWN = 5


def print_plan(planned: tuple[Settled, Plan], outputs: Outputs) -> None:
    """Prints the plan in words, or as JSON (`whence.plan/1`) with `--json -`."""
    settled, plan = planned
    if outputs.json is not None:
        document = {"schema": "whence.plan/1", "subject": settled.subject.text, **msgspec.to_builtins(plan)}
        text = json.dumps(document, ensure_ascii=False) + "\n"
        if outputs.only_json:
            sys.stdout.write(text)
            return
        with open(outputs.json, "w", encoding="utf-8") as file:
            file.write(text)
    sys.stdout.write("\n".join(lines(settled, plan)) + "\n")


def lines(settled: Settled, plan: Plan) -> list[str]:
    width = max(len(name) for name in plan.variants)
    text = [f"Plan for {settled.subject.text}, seed {plan.seed}: nothing was run", ""]
    for variant, release in zip(settled.variants, settled.releases, strict=True):
        text.append(f"  {variant.name:<{width}}  {'go' + release if release else 'as it is'}")
    if settled.budget_s is not None:
        return [*text, "", *_within_budget(settled.budget_s, plan)]
    text += ["", f"  {plan.pairs} blocks; in each block every variant once, in this order:"]
    for number, order in enumerate(plan.order[:BLOCKS_SHOWN], start=1):
        text.append(f"    block {number:<3} " + "  ".join(plan.variants[i] for i in order))
    if plan.pairs > BLOCKS_SHOWN:
        text.append(f"    … and {plan.pairs - BLOCKS_SHOWN} more (all of them: --json -)")
    text += [
        "",
        _judged(plan),
        f"  looks       after {', '.join(map(str, plan.looks or (plan.pairs,)))} blocks",
        _repeats(plan),
        f"  price       {plan.price_builds} builds, {plan.price_links} links, {plan.price_runs} runs"
        + (f", about {plan.price_seconds:.0f} s" if plan.price_seconds else " (seconds are known after the pilot)"),
    ]
    return text


def _within_budget(budget_s: float, plan: Plan) -> list[str]:
    """What is known before the pilot, which fixes how many blocks a budget pays for."""
    return [
        "  as many blocks as the budget pays for, every variant once in each, in fresh random order",
        "",
        _judged(plan),
        "  looks       fixed with the number of blocks after the pilot, which looks at the spread only",
        _repeats(plan),
        f"  price       {plan.price_builds} builds, and about {budget_s:g} s of links and runs",
    ]


def _judged(plan: Plan) -> str:
    return f"  judged      {', '.join(plan.metrics) or 'the default metrics, and every unit the program prints'}"


def _repeats(plan: Plan) -> str:
    return (
        f"  repeats     a block again when a calibration spin took {plan.repeat_threshold:g} × the median, "
        f"at most {plan.max_repeats} times"
    )
