"""A simulated node as one section of an HTML page: pictures, numbers, limits, pods that were lost, notes."""

from __future__ import annotations

from html import escape

from whence.evidence.node_simulation import NodeSimulation, NodeVariant
from whence.show.report import numbers
from whence.show.report.simulate import node_words as words
from whence.show.report.simulate.node_picture import one_pod, over_time

ID, LINK = "node", "Node"
_MANY = 40

STYLE = """
.sn-box { overflow-x: auto; margin: .6rem 0 1.2rem; }
.sn-picture { display: block; width: 100%; min-width: 660px; height: auto; font: 12.5px/1 var(--sans, sans-serif); }
.sn-picture text { fill: currentColor; font-variant-numeric: tabular-nums; }
.sn-picture .sn-tick, .sn-picture .sn-time { fill: var(--muted, currentColor); text-anchor: end; }
.sn-picture .sn-time { text-anchor: middle; }
.sn-picture .sn-head { font-weight: 600; }
.sn-picture .sn-grid { stroke: var(--grid, #8884); }
.sn-picture .sn-axis { stroke: var(--muted, currentColor); }
.sn-picture .sn-line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.sn-picture .sn-most { stroke: var(--s0, #4c535e); stroke-width: 1; stroke-dasharray: 2 2; }
.sn-picture .sn-held { stroke: var(--s1, #c2410c); stroke-width: 2.4; }
.sn-picture .sn-seen { stroke: var(--s3, #0d7a6b); stroke-dasharray: 7 3; }
.sn-picture .sn-live { stroke: var(--s2, #2458c7); }
.sn-picture .sn-evicted, .sn-picture .sn-killed { fill: var(--worse, #b3261e); }
.sn-picture .sn-refused, .sn-picture .sn-stalled { fill: var(--undetermined, #805600); }
.sn-picture .sn-pressure { fill: var(--s4, #9c2f86); }
.sn-table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.sn-table th, .sn-table td { text-align: right; padding: .25rem .9rem .25rem 0; vertical-align: top; }
.sn-table tbody th, .sn-table .sn-word { text-align: left; font-weight: 400; }
.sn-table tbody tr { border-top: 1px solid var(--rule, #8884); }
.sn-table .interval { color: var(--muted, currentColor); }
"""


def section(simulation: NodeSimulation) -> str:
    """Returns the `<section>`; its style is STYLE."""
    high = 1.05 * max((m.most for v in simulation.variants for m in v.moments), default=0.0) or 1.0
    parts = [
        f'<section id="{ID}" aria-labelledby="{ID}-title"><h2 id="{ID}-title">The node</h2>',
        f'<p class="say">{escape(words.pods_text(simulation))}. Pictures show the first replica; brackets hold 90 % of'
        " the replicas.</p>",
    ]
    for variant in simulation.variants:
        parts.append(f"<h3>{escape(variant.name)} <small>{escape(variant.qos)} {escape(variant.spec)}</small></h3>")
        parts.append(f'<div class="sn-box" tabindex="0">{over_time(simulation, variant, high=high)}</div>')
        parts.append(f'<div class="sn-box" tabindex="0">{one_pod(variant)}</div>')
        parts.append(f"<p>{escape(words.order_text(variant.order))}.</p>")
        parts.append(f"<p>{escape(words.protection_text(variant.protection))}.</p>")
        parts.append(_losses(variant))
    parts += ["<h3>Numbers</h3>", _table(simulation), _differences(simulation)]
    parts += [
        "<h3>What to know</h3><ul>",
        *[f"<li>{escape(note)}</li>" for note in simulation.notes],
        "</ul></section>",
    ]
    return "\n".join(parts)


def _table(simulation: NodeSimulation) -> str:
    head = "".join(f'<th scope="col">{escape(variant.name)}</th>' for variant in simulation.variants)
    rows = []
    for name in words.shown(simulation):
        answers = [next(a for a in variant.answers if a.name == name) for variant in simulation.variants]
        cells = ""
        for answer in answers:
            value, interval = words.answer_text(answer)
            cells += f'<td>{escape(value)} <span class="interval">{escape(interval)}</span></td>'
        rows.append(f'<tr><th scope="row">{escape(answers[0].words)}</th>{cells}</tr>')
    return (
        f'<div class="sn-box" tabindex="0"><table class="sn-table"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _differences(simulation: NodeSimulation) -> str:
    if not simulation.differences:
        return ""
    wanted = set(words.shown(simulation))
    told = {answer.name: answer.words for answer in simulation.variants[0].answers}
    rows = "".join(
        f'<tr><th scope="row">{escape(told[d.name])}</th><td class="sn-word">{escape(d.candidate)}</td>'
        f"<td>{escape(words.difference_text(d.name, d.unit, d.range))}</td></tr>"
        for d in simulation.differences
        if d.name in wanted and (d.range.low or d.range.high)
    )
    return (
        f"<h3>Against {escape(simulation.variants[0].name)}, with the same pods</h3>"
        f'<div class="sn-box" tabindex="0"><table class="sn-table"><tbody>{rows}</tbody></table></div>'
    )


def _losses(variant: NodeVariant) -> str:
    if not variant.losses:
        return ""
    rows = "".join(
        f'<tr><td>{numbers.seconds_text(loss.at_s)}</td><td class="sn-word">{escape(loss.pod)}</td>'
        f'<td class="sn-word">{words.WAYS[loss.how]}</td><td>{numbers.seconds_text(loss.age_s)}</td>'
        f"<td>{numbers.amount_text(loss.held, 'B')}</td><td>{numbers.amount_text(loss.seen, 'B')}</td></tr>"
        for loss in variant.losses[:_MANY]
    )
    left = words.lost(variant) - min(_MANY, len(variant.losses))
    more = f"<p>and {left:,} more in the first replica</p>" if left > 0 else ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("at", "pod", "how", "age", "holds", "known to hold"))
    return (
        f"<details><summary>{numbers.plural(words.lost(variant), 'pod')} lost in the first replica</summary>"
        f'<table class="sn-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}</details>'
    )
