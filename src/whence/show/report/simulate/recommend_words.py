"""How a recommendation is put into rows and words."""

from __future__ import annotations

from whence.evidence.simulation import Choice, Recommendation
from whence.show.report import numbers
from whence.show.report.simulate.run_words import SOURCES

MIB = 1 << 20
HEAD = ("GOGC", "GOMEMLIMIT", "request", "limit", "cores", "more memory", "more cores", "costs more")
MOST = 14


def setting(choice: Choice) -> tuple[str, str]:
    limit = "–" if choice.memory_limit is None else f"{choice.memory_limit // MIB} MiB"
    return "off" if choice.gogc is None else str(choice.gogc), limit


def row(choice: Choice) -> tuple[str, ...]:
    """Returns one choice under HEAD."""
    gogc, limit = setting(choice)
    low, high = (f"{value:.2f}" for value in (choice.cpu_low, choice.cpu_high))
    return (
        gogc,
        limit,
        f"{choice.request // MIB} MiB",
        f"{choice.limit // MIB} MiB" + ("" if choice.fits else " too much"),
        f"{choice.cpu:.2f} [{low}, {high}]",
        f"+{choice.memory_regret / MIB:.0f} MiB",
        f"+{choice.cpu_regret:.2f}",
        f"+{100 * choice.cost_regret:.1f} %",
    )


def shown(recommendation: Recommendation) -> tuple[Choice, ...]:
    """Returns the choices worth a row: the chosen one, then by cost all on the front, the default, the next cheapest.

    Of several that come to the same, as where a GOMEMLIMIT never acts, one stands for all.
    """
    wanted = [c for c in recommendation.choices if c.on_front and c.fits]
    default = recommendation.default_choice
    wanted += [c for c in recommendation.choices if default is not None and setting(c) == setting(default)]
    for choice in recommendation.choices:
        if len(wanted) >= MOST:
            break
        wanted.append(choice)
    chosen = next(c for c in recommendation.choices if is_chosen(recommendation, c))
    kept = {(c.request, c.limit, round(c.cpu, 4)): c for c in reversed(wanted)}
    kept[(chosen.request, chosen.limit, round(chosen.cpu, 4))] = chosen
    names = {setting(choice) for choice in kept.values()}
    others = (c for c in recommendation.choices if setting(c) in names and not is_chosen(recommendation, c))
    return (chosen, *others)


def is_chosen(recommendation: Recommendation, choice: Choice) -> bool:
    return setting(choice) == setting(recommendation.chosen)


def basis(recommendation: Recommendation) -> tuple[str, ...]:
    """Returns what it rests on, in sentences."""
    r = recommendation
    cpu = "" if r.cpu is None else f", {r.cpu:g} CPU"
    limit = "" if r.given_limit is None else f" that fits into {r.given_limit // MIB} MiB"
    count = numbers.plural(len(r.choices), "setting")
    return (
        f"Confidence {r.confidence_word}: in {100 * r.confidence:.0f} % of the replicas it costs at most 2 % more than "
        f"the best of {count}{limit}.",
        f"Go {r.go}, GOMAXPROCS {r.processors}{cpu}; {r.subject}: {SOURCES.get(r.source, r.source)}.",
        f"Limit: exceeded with a chance of at most {100 * r.risk:g} %. A core counts as {r.core_costs_gib:g} GiB.",
        f"{numbers.plural(r.replicas, 'replica')} each, seed {r.seed}. Simulated, not measured.",
    )


def next_command(recommendation: Recommendation) -> str:
    """Returns what would measure it."""
    text = recommendation.variant
    return f"whence compare go={recommendation.go} {text} --subject … --metric rss-peak --metric cpu"
