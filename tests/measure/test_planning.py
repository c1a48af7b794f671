"""What the pilot run of each variant shows to be wrong is refused before the first counted run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput
from whence.measure.planning import chosen_metrics
from whence.measure.settle import settle

from . import factories as make


def test_a_margin_on_what_nothing_gives_is_refused(tmp_path: Path) -> None:
    pilot = [make.run(name, 0, {"rss": 1.0, "Hold:ns/op": 2.0}) for name in ("a", "b")]

    def choose(margin: str) -> list[str]:
        request = make.request(
            "a:", "b:X=1", subject="exec:", arguments=(sys.executable,), directory=str(tmp_path), margins=(margin,)
        )
        return [metric.name for metric in chosen_metrics(settle(request), pilot)]

    for good in ("rss=2%", "cpu=2%", "ns/op=2%", "Hold:ns/op=2%"):
        assert choose(good) == ["rss", "ns/op"]
    with pytest.raises(BadInput, match=r"margin rrs=…: rrs was not measured \(measured: rss, ns/op\)"):
        choose("rrs=2%")
