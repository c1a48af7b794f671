"""What a diff of profiles says: of nothing, of growth, of dilution, of moves; and what it refuses."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from made_up import background, profile_of

from whence.evidence.errors import BadInput
from whence.evidence.profile_diff import FunctionChange, ProfileDiff
from whence.measure.profiles.diff.diffing import diff
from whence.measure.profiles.readers.profile import ValueType


def row(found: ProfileDiff, name: str) -> FunctionChange:
    return next(one for one in found.functions if one.name == name)


def test_the_same_profile_on_both_sides_has_no_difference() -> None:
    profile = profile_of(background(np.random.default_rng(1), 5000))
    found = diff([profile], [profile])
    assert found.sentence.startswith("No function differs: 0 of ")
    assert {one.verdict for one in found.functions} <= {"not-different", "too-few"}
    assert found.mode == "one-run-a-side"
    assert "lower bound" in found.notes[0]


def test_a_function_that_grew_is_named_with_its_interval() -> None:
    rng = np.random.default_rng(2)
    base, candidate = background(rng, 6000), background(rng, 6000)
    base["main.main;main.planted"], candidate["main.main;main.planted"] = 300, 600
    found = diff([profile_of(base)], [profile_of(candidate)])
    planted = row(found, "main.planted")
    assert planted.verdict == "grew"
    assert planted.flat.low is not None and planted.flat.high is not None
    assert planted.flat.low < 1.9 < planted.flat.high
    assert "main.planted grew in itself" in found.sentence
    assert [one.name for one in found.functions if one.verdict in {"grew", "shrank"}] == ["main.planted"]


def test_what_only_lost_share_to_a_function_that_grew_is_diluted() -> None:
    base = {f"main.main;main.work{i}": 2000 for i in range(12)}
    candidate = base | {"main.main;main.planted": 24000}
    found = diff([profile_of(base)], [profile_of(candidate)])
    assert row(found, "main.planted").verdict == "grew"
    assert {row(found, f"main.work{i}").verdict for i in range(12)} == {"diluted"}
    assert found.common_factor == pytest.approx(0.5, rel=1e-6)


def test_runs_of_sides_that_vary_are_not_called_different() -> None:
    """Each run's shares vary by a tenth: sampling alone would find many differences in the sums."""
    rng = np.random.default_rng(3)

    def run() -> dict[str, int]:
        drawn = background(rng, 40_000)
        return {stack: int(n * np.exp(rng.normal(0, 0.1))) for stack, n in drawn.items()}

    found = diff([profile_of(run()) for _ in range(5)], [profile_of(run()) for _ in range(5)])
    assert found.mode == "runs"
    assert found.spread == pytest.approx(0.1, rel=0.4)
    assert not [one for one in found.functions if one.verdict in {"grew", "shrank", "moved"}]
    assert found.relabelling is not None and found.relabelling.with_findings <= 0.2 * found.relabelling.tried


def test_runs_show_what_one_run_a_side_cannot() -> None:
    rng = np.random.default_rng(4)

    def run(planted: int) -> dict[str, int]:
        return background(rng, 12_000) | {"main.main;main.planted": int(rng.poisson(planted))}

    found = diff([profile_of(run(240)) for _ in range(20)], [profile_of(run(288)) for _ in range(20)])
    assert row(found, "main.planted").verdict == "grew"


def test_cost_that_moved_under_one_parent_is_not_growth() -> None:
    rng = np.random.default_rng(5)
    base, candidate = background(rng, 8000), background(rng, 8000)
    base |= {"main.main;main.parse;main.old": 900, "main.main;main.parse;main.new": 100}
    candidate |= {"main.main;main.parse;main.old": 90, "main.main;main.parse;main.new": 910}
    found = diff([profile_of(base)], [profile_of(candidate)])
    old, new = row(found, "main.old"), row(found, "main.new")
    assert (old.verdict, old.moved_to, old.moved_under) == ("moved", ("main.new",), "main.parse")
    assert (new.verdict, new.moved_to) == ("moved", ("main.old",))
    assert found.sentence.startswith("Nothing grew: the cost of main.old moved to main.new under main.parse")


def test_growth_and_shrinking_under_different_parents_is_no_move() -> None:
    rng = np.random.default_rng(6)
    base, candidate = background(rng, 8000), background(rng, 8000)
    base |= {"main.main;main.read;main.old": 900, "main.main;main.write;main.new": 100}
    candidate |= {"main.main;main.read;main.old": 100, "main.main;main.write;main.new": 900}
    found = diff([profile_of(base)], [profile_of(candidate)])
    assert row(found, "main.old").verdict == "shrank"
    assert row(found, "main.new").verdict == "grew"


def test_profiles_of_different_durations_are_compared_by_share() -> None:
    rng = np.random.default_rng(7)
    found = diff([profile_of(background(rng, 3000), seconds=10)], [profile_of(background(rng, 12_000), seconds=40)])
    assert not [one for one in found.functions if one.verdict in {"grew", "shrank"}]
    work = row(found, "main.work0").flat
    assert work.base_per_second == pytest.approx(work.base / 10)
    assert any("10 s and 40 s" in note for note in found.notes)


def test_instances_of_a_generic_function_are_one() -> None:
    base = background(np.random.default_rng(8), 3000)
    candidate = dict(base)
    base |= {"main.main;main.Map[go.shape.int].Get": 200, "main.main;main.Map[go.shape.string].Get": 100}
    candidate |= {"main.main;main.Map[...].Get": 300}
    found = diff([profile_of(base)], [profile_of(candidate)])
    assert row(found, "main.Map.Get").flat.ratio == pytest.approx(1.0)
    assert found.merged_instances == 2


def test_counted_allocations_differ_by_the_granted_spread_alone() -> None:
    types = (ValueType("alloc_objects", "count"), ValueType("alloc_space", "bytes"))
    base = {f"main.main;main.site{i}": (10_000, 320_000) for i in range(20)}
    candidate = base | {"main.main;main.site0": (15_000, 480_000)}
    sides = [profile_of(side, types=types, period=1) for side in (base, candidate)]
    found = diff([sides[0]], [sides[1]], sample_type="alloc_space")
    assert found.base.events is None
    site = row(found, "main.site0")
    assert site.verdict == "grew" and site.flat.events is None
    assert any("profile rate 1" in note for note in found.notes)


def test_sites_of_tiny_blocks_are_granted_that_their_split_is_chance() -> None:
    types = (ValueType("alloc_objects", "count"), ValueType("alloc_space", "bytes"))
    base = {f"main.main;main.site{i}": (10_000, 320_000) for i in range(20)}
    candidate = dict(base)
    base["main.main;main.tiny"], candidate["main.main;main.tiny"] = (10_000, 160_000), (15_000, 240_000)
    sides = [profile_of(side, types=types, period=1) for side in (base, candidate)]
    found = diff([sides[0]], [sides[1]], sample_type="alloc_space")
    assert row(found, "main.tiny").verdict == "not-different"
    assert any("16-byte blocks" in note for note in found.notes)


@pytest.mark.parametrize(
    ("base", "candidate", "told"),
    [
        ([], [profile_of({"main.main": 1})], "at least one profile a side"),
        ([profile_of({"main.main": 1})], [profile_of({})], "the candidate profile has no samples"),
        (
            [profile_of({"main.main": 1})],
            [profile_of({"main.main": (1,)}, types=(ValueType("delay", "nanoseconds"),))],
            "no sample type cpu",
        ),
    ],
)
def test_sides_that_cannot_be_compared_are_refused(base: list, candidate: list, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        diff(base, candidate)


def test_the_document_is_finite_json() -> None:
    base, candidate = {"main.main;main.old": 500}, {"main.main;main.new": 500}
    document = msgspec.json.encode(diff([profile_of(base)], [profile_of(candidate)]))
    again = msgspec.json.decode(document, type=ProfileDiff)
    assert again.schema == "whence.profile-diff/1"
    assert b"NaN" not in document and b"Infinity" not in document
