"""Which memory it is, in words: whether the heap is innocent, and whether Go's own metrics see it."""

import pytest

from whence.explain.attribution.memory import memory_story

MB = 1e6
BASE = {
    "rss": 84 * MB, "rss-anon": 78 * MB, "rss-file": 6 * MB, "rss-lazyfree": 0.0, "rss-hugepages": 0.0,
    "runtime-total": 300 * MB, "heap-live": 270 * MB, "heap-inuse": 275 * MB, "heap-goal": 540 * MB,
}  # fmt: skip


def moved(**by: float) -> dict[str, float]:
    return {name: value + MB * by.get(name.replace("-", "_"), 0.0) for name, value in BASE.items()}


def words(primary: str = "rss", **by: float) -> str:
    return memory_story(BASE, moved(**by), primary=primary).words


def test_memory_that_only_the_kernel_sees_is_the_same_memory_touched():
    told = words(rss=207, rss_anon=207, runtime_total=0.1)
    assert "anonymous" in told and "do not see it" in told and "more of the same memory is resident" in told


def test_file_backed_pages_acquit_the_heap():
    assert "the heap is innocent" in words(rss=5, rss_file=5, runtime_total=0.1)


def test_memory_that_the_program_keeps_is_seen_by_go_and_named():
    told = words(rss=50, rss_anon=50, runtime_total=52, heap_live=48, heap_inuse=49)
    assert "metrics see it: runtime-total moved by +52.0 MB" in told and "keeps more alive" in told


def test_more_room_for_the_same_live_heap_is_not_a_leak():
    told = words(rss=50, rss_anon=50, runtime_total=50, heap_inuse=55)
    assert "live heap is as it was, spans take up more" in told


def test_a_larger_goal_is_the_collector():
    assert "lets it grow to another size" in words(rss=50, rss_anon=50, runtime_total=60, heap_goal=100)


def test_go_that_sees_a_quarter_does_not_count_as_seeing_it():
    assert "see it only in part" in words(rss=100, rss_anon=100, runtime_total=25)


def test_lazily_freed_and_huge_pages_are_named_and_huge_pages_open_their_remedy():
    assert "gives back lazily" in words(rss=50, rss_anon=50, rss_lazyfree=45)
    story = memory_story(BASE, moved(rss=50, rss_anon=50, rss_hugepages=48), primary="rss")
    assert story.huge_pages and "huge pages are part of it" in story.words
    assert not memory_story(moved(rss_hugepages=48), BASE, primary="rss").huge_pages


def test_for_a_metric_of_go_the_heap_comes_first_and_the_kernel_second():
    told = words("heap-inuse", heap_inuse=55)
    assert told.startswith("the live heap is as it was") and told.endswith("resident memory is as it was")


@pytest.mark.parametrize(("primary", "told"), [("rss", ""), ("rss-peak", "only the peak moved"), ("cpu", "")])
def test_where_nothing_resident_moved_no_story_is_made_up(primary: str, told: str):
    found = memory_story(BASE, moved(rss=0.1), primary=primary)
    assert told in found.words and bool(found.words) == bool(told)


def test_parts_that_one_side_lacks_are_left_out():
    candidate = moved(rss=50, rss_anon=50)
    del candidate["runtime-total"]
    story = memory_story(BASE, candidate, primary="rss")
    assert "runtime-total" not in [p.name for p in story.parts] and "Go's own metrics" not in story.words
