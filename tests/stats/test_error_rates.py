"""A small, seeded version of `make verify`: false alarms and coverage of the real judge, in seconds."""

from __future__ import annotations

import numpy as np
import pytest

from whence.stats.judge import Look, Question, judge_family

REPETITIONS = 1000


def bound(rate: float) -> float:
    """Four standard errors above a rate: a seeded test fails only when the method is off."""
    return rate + 4 * (rate * (1 - rate) / REPETITIONS) ** 0.5


def comparison(rng: np.random.Generator, effect: float, pairs: int = 10, questions: int = 1) -> list[Question]:
    drift = np.linspace(0, rng.normal(0, 0.1), 2 * pairs)
    answer = []
    for index in range(questions):
        noise = drift + rng.normal(0, 0.02, 2 * pairs) + 0.1 * (rng.random(2 * pairs) < 0.1)
        order = rng.integers(0, 2, pairs)
        base = np.exp(noise[2 * np.arange(pairs) + order])
        candidate = np.exp(effect + noise[2 * np.arange(pairs) + 1 - order])
        answer.append(Question(key=(str(index),), base=tuple(base), candidate=tuple(candidate), margin=0.01))
    return answer


def test_unchanged_code_is_rarely_called_different_under_drift_and_bursts() -> None:
    rng = np.random.default_rng(20)
    excluding = wrong = 0
    for _ in range(REPETITIONS):
        answers = judge_family(comparison(rng, 0.0, questions=2))
        excluding += answers[0].low > 1 or answers[0].high < 1
        wrong += any(a.verdict in {"worse", "better"} for a in answers)
    assert excluding / REPETITIONS <= bound(0.05)
    assert wrong / REPETITIONS <= bound(0.01)


@pytest.mark.parametrize("effect", [0.01, 0.16])
def test_intervals_cover_a_planted_effect_as_often_as_they_say(effect: float) -> None:
    rng = np.random.default_rng(21)
    covered = 0
    for _ in range(REPETITIONS):
        answer = judge_family(comparison(rng, effect))[0]
        covered += np.log(answer.low) <= effect <= np.log(answer.high)
    assert covered / REPETITIONS == pytest.approx(answer.level, abs=4 * 0.007)


def test_three_looks_keep_the_error_of_one() -> None:
    rng = np.random.default_rng(22)
    looks, wrong = (10, 15, 20), 0
    for _ in range(REPETITIONS):
        whole = comparison(rng, 0.0, pairs=20)[0]
        wrong += any(
            judge_family(
                [Question(key=("x",), base=whole.base[:n], candidate=whole.candidate[:n], margin=0.0)],
                alpha=0.05,
                look=Look(looks, index),
            )[0].verdict != "undetermined"
            for index, n in enumerate(looks)
        )  # fmt: skip
    assert wrong / REPETITIONS <= bound(0.05)
