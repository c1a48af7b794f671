"""Places, tiny bounds, slices that grow, and what is said to be open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.profile_sites import ProfileSites, Site
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.trace_columns import Generation
from whence.measure.profiles.sites import RuntimeTotals, sites

Make = Callable[..., Profile]
A, B, C = ["main.a@/w/a.go:1"], ["main.b@/w/a.go:2"], ["main.c@/w/a.go:3"]


def site(result: ProfileSites, name: str) -> Site:
    return next(site for site in result.sites if site.function == name)


def test_two_places_that_compete_for_tiny_blocks_are_bounded_and_hold_the_truth(made_profile: Make) -> None:
    # 200,000 objects of 8 bytes each; which place opened the blocks is chance.
    profile = made_profile([(A, 16, 190_000, 0), (B, 16, 10_000, 0), (C, 48, 1000, 0)])
    result = sites([profile], go_version="1.26.0", runtime_totals=RuntimeTotals(tiny_allocs=200_000))
    for name in ("main.a", "main.b"):
        found = site(result, name)
        assert found.objects.low <= 200_000 <= found.objects.high
        assert found.tiny == "possible"
    assert (site(result, "main.b").objects.low, site(result, "main.b").objects.high) == (10_000, 210_000)
    assert site(result, "main.c").objects.low == site(result, "main.c").objects.high == 1000
    assert result.totals.objects.value == 401_000
    assert result.settle is not None and "traceallocfree=1" in result.settle and "-race" in result.settle


def test_the_runtimes_count_of_all_objects_says_how_many_joined(made_profile: Make) -> None:
    profile = made_profile([(A, 16, 100, 0)])
    result = sites([profile], go_version="1.26.0", runtime_totals=RuntimeTotals(mallocs=250))
    assert result.totals.coalesced.value == 150


def test_without_a_count_a_block_may_hold_sixteen(made_profile: Make) -> None:
    result = sites([made_profile([(A, 16, 100, 0)])], go_version="1.26.0")
    assert (result.totals.coalesced_from, result.totals.coalesced.high) == ("bound", 1500)
    assert any("--metrics" in note for note in result.notes)


def test_releases_without_the_trace_are_told_of_the_race_build_and_of_the_rate(made_profile: Make) -> None:
    profile = made_profile([(A, 16, 100, 0), (B, 16, 100, 0)])
    result = sites([profile], go_version="1.19", runtime_totals=RuntimeTotals(tiny_allocs=200))
    assert result.settle is not None
    assert "traceallocfree" not in result.settle
    assert "runtime.MemProfileRate = 1" in result.settle


def test_a_sampled_profile_gives_counts_with_intervals(made_profile: Make) -> None:
    profile = made_profile([(A, 1024, 400, 0)], rate=4096)
    found = site(sites([profile], go_version="1.26.0"), "main.a")
    assert found.sampled == 400
    assert found.objects.value == pytest.approx(400 / 0.2212, rel=1e-3)
    assert found.objects.low < found.objects.value < found.objects.high
    # About 2.6 standard errors of 1/sqrt(k), less what sampling without much chance leaves.
    assert (found.objects.high - found.objects.low) / found.objects.value < 0.26


def test_two_profiles_at_different_rates_add_up(made_profile: Make) -> None:
    one, two = made_profile([(A, 1024, 400, 0)], rate=4096), made_profile([(A, 1024, 7, 0)])
    found = site(sites([one, two], go_version="1.26.0"), "main.a")
    assert found.sampled == 407
    assert found.objects.value == pytest.approx(400 / 0.2212 + 7, rel=1e-3)


def test_requested_bytes_lie_between_the_slots_neighbours(made_profile: Make) -> None:
    found = site(sites([made_profile([(A, 48, 10, 0)])], go_version="1.26.0"), "main.a")
    assert (found.requested_bytes.low, found.requested_bytes.high) == (330, 480)
    assert (found.waste_bytes.low, found.waste_bytes.high) == (0, 150)


def test_a_growing_slice_would_make_one_object_where_it_made_many(made_profile: Make) -> None:
    chain = [(A, size, 100, 0) for size in (128, 256, 512, 1024, 2048)]
    text = [(B, size, 100, 0) for size in (48, 64, 80, 96)]
    result = sites([made_profile([*chain, *text])], go_version="1.26.0")
    grown = site(result, "main.a")
    assert grown.growth == "inferred"
    assert grown.saving is not None and grown.saving.preallocated is not None
    assert grown.saving.preallocated.high == pytest.approx(0.8)
    assert grown.saving.preallocated.low == 0
    assert site(result, "main.b").growth is None


def test_the_frame_of_growslice_makes_it_certain(made_profile: Make) -> None:
    stack = ["runtime.growslice@/usr/local/go/src/runtime/slice.go:155", *A]
    result = sites([made_profile([(stack, size, 100, 0) for size in (128, 256, 512)])], go_version="1.26.0")
    saving = site(result, "main.a").saving
    assert saving is not None and saving.preallocated is not None
    assert saving.preallocated.low == saving.preallocated.high > 0.6


def test_what_is_in_use_bounds_a_pool_and_gives_the_mean_life(made_profile: Make) -> None:
    found = site(sites([made_profile([(A, 48, 1000, 250)])], go_version="1.26.0"), "main.a")
    assert found.lifetime is not None and found.lifetime.mean_of_run == 0.25
    assert found.saving is not None
    assert (found.saving.pooled.low, found.saving.pooled.high) == (0.75, 0.999)


def test_what_the_runtime_allocates_for_itself_only_lowers_the_lower_limit(made_profile: Make) -> None:
    profile = made_profile([(A, 106496, 1000, 0), (A, 112, 2, 0)])
    found = site(sites([profile], go_version="1.26.0"), "main.a")
    assert (found.objects.low, found.objects.value) == (1000, 1002)


def test_the_same_is_found_without_size_labels(made_profile: Make) -> None:
    rows = [(A, 1024, 400, 3), (B, 48, 90, 1)]
    labelled = sites([made_profile(rows, rate=4096)], go_version="1.26.0")
    bare = sites([made_profile(rows, rate=4096, label=False)], go_version="1.26.0")
    assert [s.sampled for s in labelled.sites] == [s.sampled for s in bare.sites]


def test_other_profiles_and_differences_are_refused(made_profile: Make) -> None:
    with pytest.raises(BadInput, match="not what was allocated"):
        sites([made_profile([(A, 16, 1, 0)], kinds=("samples", "cpu"))])
    with pytest.raises(BadInput, match="difference"):
        sites([made_profile([(A, 16, -1, 0)])])
    with pytest.raises(BadInput, match="neither"):
        sites([])


def test_an_empty_profile_is_no_error(made_profile: Make) -> None:
    assert sites([made_profile([])], go_version="1.26.0").sites == ()


def test_a_trace_without_objects_is_refused(made_generation: Callable[..., Generation]) -> None:
    with pytest.raises(BadInput, match="traceallocfree=1"):
        sites([], [made_generation([])])


def test_a_type_that_is_alone_in_its_slots_tells_what_was_asked_for(
    made_profile: Make, made_generation: Callable[..., Generation]
) -> None:
    span = ("SpanAlloc", 0x10000, -1, 2 * 5, 8192)
    events = [span, *(("HeapObjectAlloc", 0x10000 + 48 * i, 1, -1, 0) for i in range(100))]
    result = sites(
        [made_profile([(A, 48, 100, 0)])], [made_generation(events, [("main.node", 40, 8)])], go_version="1.26.0"
    )
    found = site(result, "main.a")
    assert (found.types, found.typed_by) == (("main.node",), "only type of its slot")
    assert found.requested_bytes.exact and found.requested_bytes.value == 4000
    assert found.waste_bytes.value == 800
    (total,) = result.types
    assert (total.objects, total.waste_bytes.value) == (100, 800)
    assert result.groups[0].split == "one place"
