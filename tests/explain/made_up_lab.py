"""A lab whose numbers come from a formula: what the search asks is answered at once, and the truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from whence.evidence.inquiry import Inquiry
from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.request import Request
from whence.evidence.run import Run, Sample
from whence.evidence.variant import Variant
from whence.golang.build import Built, Source
from whence.golang.toolchains import Toolchain
from whence.measure.settle import Settled, settle
from whence.measure.trials import Row

Formula = Callable[[Mapping[str, str]], float]
"""Settings of a variant → the metric's true value."""


class MadeUpLab:
    """Answers as `measure.trials.Trials` does. `noise`: sd of ln of a run; `layout_noise`: sd of ln between links."""

    def __init__(
        self,
        base: str,
        candidate: str,
        formula: Formula,
        *,
        metric: str = "rss",
        noise: float = 0.01,
        layout_noise: float = 0.0,
        refuses: Callable[[Mapping[str, str]], str | None] = lambda settings: None,
        seed: int = 1,
        scratch: Path | None = None,
    ) -> None:
        self.seed = seed
        self.metric: Metric = BUILT_IN.get(metric) or Metric(name=metric, unit=metric)
        request = Request(variants=(base, candidate), subject="exec:", arguments=("true",), metrics=(metric,))
        self.inquiry = Inquiry(request=request)
        self._settled = settle(request)
        self._formula, self._noise, self._layout_noise, self._refuses = formula, noise, layout_noise, refuses
        self._scratch = scratch
        self.asked: list[str] = []
        self.notes: list[str] = []

    @property
    def settled(self) -> Settled:
        return self._settled

    @property
    def source(self) -> Source | None:
        return None

    @property
    def layout_matters(self) -> bool:
        return self._layout_noise > 0

    def toolchain(self, variant: Variant) -> Toolchain | None:
        return None

    def refusal(self, variant: Variant) -> str | None:
        return self._refuses(_settings(variant))

    def failure(self, variant: Variant) -> str | None:
        return self._refuses(_settings(variant))

    def build(self, variant: Variant, *, layout: int | None = 0) -> Built:
        raise AssertionError("nothing is built here")

    def layout_can_vary(self, variant: Variant) -> bool:
        return self.layout_matters

    def run(self, stage: str, rows: Sequence[Row]) -> tuple[Run, ...]:
        self.asked.append(stage)
        return tuple(self._run(stage, number, row) for number, row in enumerate(rows))

    def _run(self, stage: str, number: int, row: Row) -> Run:
        settings = _settings(row.variant)
        rng = random.Random(f"{self.seed} {stage} {number} {sorted(settings.items())}")
        layout = random.Random(f"{self.seed} {row.layout} {sorted(settings.items())}").gauss(0, self._layout_noise)
        value = self._formula(settings) * math.exp(rng.gauss(0, self._noise) + layout)
        return Run(
            id=f"{stage}-{number}",
            kind="counted",
            variant=row.variant.name,
            block=row.block,
            started_at=0.0,
            seconds=0.1,
            outcome="ok",
            samples=(Sample(self.metric.name, value, self.metric.unit),),
        )

    def value(self, run: Run, metric: str | None = None) -> float:
        return run.samples[0].value if run.ok else math.nan

    def pairs(self, stage: str, base: Variant, variant: Variant, count: int) -> tuple[float, ...] | None:
        if self.failure(variant) is not None:
            return None
        rows = [
            Row(block=b, variant=msgspec.structs.replace(v, name=n), layout=b)
            for b in range(count)
            for v, n in ((base, "base"), (variant, "state"))
        ]
        values = [self.value(run) for run in self.run(stage, rows)]
        return tuple(math.log(values[2 * b + 1] / values[2 * b]) for b in range(count))

    def scratch(self, name: str) -> Path:
        assert self._scratch is not None
        folder = self._scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def note(self, text: str) -> None:
        self.notes.append(text)

    def stage(self, name: str, text: str) -> None:
        return


def _settings(variant: Variant) -> dict[str, str]:
    return {s.key: s.value for s in variant.settings}
