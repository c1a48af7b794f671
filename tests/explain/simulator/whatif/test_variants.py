"""What variants mean to a simulation: defaults of each release, and what is refused in one line."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.whatif.variants import Surroundings, default_processors, read_variants
from whence.golang.versions import parse_version

AROUND = Surroundings(go="1.24", host_processors=8)


@pytest.mark.parametrize(
    ("go", "cpu", "expected"),
    [("1.4", None, 1), ("1.5", None, 8), ("1.24.11", 0.5, 8), ("1.25", 0.5, 2), ("1.25", 2.5, 3), ("1.27", 64.0, 8)],
)
def test_gomaxprocs_where_nobody_sets_it(go: str, cpu: float | None, expected: int) -> None:
    assert default_processors(parse_version(go), 8, cpu) == expected


def test_settings_reach_the_run() -> None:
    (one,) = read_variants(["go=1.27.4,GOGC=off,GOMEMLIMIT=256MiB,GOMAXPROCS=3,cpu=1.5,memory=300MiB"], AROUND)
    config = one.config
    assert (config.go, config.gogc, config.memory_limit) == ("1.27.4", -1, 256 << 20)
    assert (config.processors, config.cpus, config.container_memory) == (3, 1.5, 300 << 20)


def test_a_setting_that_a_release_does_not_read_is_told() -> None:
    (one,) = read_variants(["go=1.18,GOMEMLIMIT=256MiB"], AROUND)
    assert one.config.memory_limit is None
    assert "does not read GOMEMLIMIT" in one.ignored[0]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["experiment=greenteagc"], "experiment is not simulated"),
        (["debug.madvdontneed=1"], "whence compare measures"),
        (["FOO=1"], "FOO is not simulated"),
        (["GOMEMLIMIT=1GiB,memory=512MiB"], "can never act"),
        (["GOGC=0"], "GOGC=0"),
        (["go=1.24", "GOGC=100"], "the same settings"),
        (["a:GOGC=50", "a:GOGC=60"], "two variants are called 'a'"),
        (["go=fast"], "no Go version"),
    ],
)
def test_what_cannot_be_simulated_is_refused(texts: list[str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_variants(texts, AROUND)


def test_two_named_variants_may_be_the_same() -> None:
    assert len(read_variants(["a:GOGC=50", "b:GOGC=50"], AROUND)) == 2
