"""Which remedies are proposed for which causes."""

from collections.abc import Mapping

import pytest

from whence.evidence.attribution import Cause
from whence.evidence.metric import BUILT_IN, Metric
from whence.evidence.variant import parse_variant
from whence.explain.advice.propose import Proposal, Situation, difference, propose
from whence.golang import releases

NEWEST = releases.newest()
assert NEWEST is not None


def situation(base: str = "go=1.23.9", candidate: str = "go=1.24.3", metric: str | Metric = "rss", **more) -> Situation:
    known = {"release": "1.24.3", "fixed_in": None, "newest_carries": None, "candidate_value": 300e6} | more
    return Situation(
        base=parse_variant(base),
        candidate=parse_variant(candidate),
        metric=metric if isinstance(metric, Metric) else BUILT_IN[metric],
        **known,
    )


def cause(kind: str = "toolchain-patch", name: str = "1.24.0", share: float | None = 0.2, **more) -> Cause:
    return Cause(kind=kind, name=name, share=share, blamed=True, **more)  # type: ignore[arg-type]


def proposed(causes: list[Cause], seen: Situation, undone: Mapping[str, str] | None = None) -> dict[str, Proposal]:
    found = propose(causes, seen, (undone or {}).get)
    assert len({p.change for p in found}) == len(found)
    return {p.change: p for p in found}


def test_a_fixed_release_is_remedied_by_the_newest_patch_of_the_line_that_has_the_fix():
    found = proposed([cause()], situation(fixed_in="1.24.6"), {"1.24.0": "go=1.23.9"})
    newest = releases.newest("1.24")
    assert newest is not None and next(iter(found)) == f"go={newest.text}"
    assert found[f"go={newest.text}"].takes_back
    assert "go=1.23.9" not in found, "nobody goes back where going on helps"


def test_a_release_that_nothing_fixes_is_remedied_by_the_newest_known_or_by_staying():
    found = proposed([cause()], situation(), {"1.24.0": "go=1.23.9"})
    assert list(found)[:2] == [f"go={NEWEST.text}", "go=1.23.9"]


def test_the_newest_release_is_no_remedy_when_it_is_known_to_carry_the_change():
    found = proposed([cause()], situation(newest_carries=NEWEST.text), {"1.24.0": "go=1.23.9"})
    assert f"go={NEWEST.text}" not in found and "go=1.23.9" in found


def test_the_candidates_own_release_is_no_remedy_for_itself():
    seen = situation(candidate=f"go={NEWEST.text}", release=NEWEST.text)
    assert f"go={NEWEST.text}" not in proposed([cause(name=NEWEST.text)], seen, {})


def test_settings_for_memory_are_for_both_sides_and_the_limit_is_nine_tenths_of_the_candidate():
    seen = situation(candidate_value=1000 * 2**20)
    found = proposed([cause()], seen)
    limit = found["GOMEMLIMIT=900MiB"]
    assert {"GOGC=50", "GOMEMLIMIT=900MiB"} <= found.keys()
    assert not limit.takes_back
    on_base = limit.on_base(seen)
    assert on_base is not None and on_base.spec == "go=1.23.9,GOMEMLIMIT=900MiB"


def test_a_setting_that_the_user_chose_is_left_to_the_user():
    assert "GOGC=50" not in proposed([cause()], situation(candidate="go=1.24.3,GOGC=80"))


@pytest.mark.parametrize("metric", [BUILT_IN["rss-file"], BUILT_IN["binary-size"], Metric(name="B/op", unit="B/op")])
def test_the_collectors_settings_are_not_tried_on_what_they_cannot_move(metric: Metric):
    assert not [c for c in proposed([cause()], situation(metric=metric)) if c.startswith("GO")]


def test_a_memory_limit_is_not_derived_from_an_amount_that_is_no_heap():
    printed = Metric(name="body-bytes", unit="B")
    assert not [c for c in proposed([cause()], situation(metric=printed)) if c.startswith("GOMEMLIMIT")]


def test_cpu_is_offered_a_lazier_collector_and_a_profile_that_is_not_tried():
    found = proposed([cause()], situation(metric="cpu"))
    assert found["GOGC=200"].variant is not None
    assert [p for p in found.values() if p.variant is None and "pgo=" in p.change]


def test_processors_are_set_to_the_quota_only_where_there_is_one():
    limited = situation(base="go=1.23.9,cpu=1.5", candidate="go=1.24.3,cpu=1.5", metric="cpu")
    assert "GOMAXPROCS=2" in proposed([cause()], limited)
    assert not [c for c in proposed([cause()], situation(metric="cpu")) if c.startswith("GOMAXPROCS")]


def test_huge_pages_are_turned_off_only_when_they_grew():
    assert "debug.disablethp=1" in proposed([cause()], situation(huge_pages=True))
    assert "debug.disablethp=1" not in proposed([cause()], situation())


def test_a_switch_is_turned_back_and_named_sources_come_before_the_general_one():
    seen = situation(base="go=1.23.9", candidate="go=1.24.3")
    undone = {"swissmap": "go=1.24.3,experiment=noswissmap", "newinliner": "go=1.24.3,experiment=nonewinliner"}
    found = proposed([cause("toggle", "swissmap"), cause("toggle", "newinliner")], seen, undone)
    assert found["experiment=noswissmap"].source.endswith("/70849")
    assert found["experiment=nonewinliner"].source.endswith("goexperiment")


def test_several_switches_that_carry_it_are_also_turned_back_together():
    undone = {"a": "go=1.24.3,experiment=x+noa", "b": "go=1.24.3,experiment=x+nob"}
    seen = situation(candidate="go=1.24.3,experiment=x")
    whole = next(iter(proposed([cause("toggle", "a"), cause("toggle", "b")], seen, undone).values()))
    assert whole.variant is not None and whole.variant.get("experiment") == "x+noa+nob"
    assert whole.takes_back and whole.for_cause == "a, b"


def test_taking_everything_back_is_not_proposed_when_that_is_the_base():
    undone = {"1.24.0": "mod.m/m=v2", "m/m": "go=1.24.3"}
    seen = situation(base="", candidate="go=1.24.3,mod.m/m=v2", newest_carries=NEWEST.text)
    found = proposed([cause("toolchain-patch", "1.24.0"), cause("module", "m/m")], seen, undone)
    assert not [p for p in found.values() if p.for_cause == "1.24.0, m/m"]


def test_a_module_goes_on_to_its_newest_version_or_back():
    seen = situation(base="mod.m/m=v1", candidate="mod.m/m=v2")
    found = proposed([cause("module", "m/m", setting="mod.m/m=v2")], seen, {"m/m": "mod.m/m=v1"})
    assert list(found)[:2] == ["mod.m/m=latest", "mod.m/m=v1"]
    assert found["mod.m/m=latest"].takes_back and found["mod.m/m=v1"].takes_back


def test_what_improves_the_metric_is_not_taken_back():
    undone = {"good": "go=1.24.3,experiment=nogood", "bad": "go=1.24.3,experiment=nobad"}
    found = proposed([cause("toggle", "good", -0.3), cause("toggle", "bad", 0.1)], situation(metric="cpu"), undone)
    assert "experiment=nobad" in found and "experiment=nogood" not in found
    higher = situation(metric=Metric(name="ops/s", unit="ops/s", better="higher"))
    assert "experiment=nogood" in proposed([cause("toggle", "good", -0.3)], higher, undone)


def test_a_line_of_code_is_told_and_not_tried():
    line = cause("compiler-limit", "main.go:work:12", None, part_of="1.24.0")
    found = proposed([line], situation(metric=Metric(name="allocs/op", unit="allocs/op")))
    assert found["change of the code at main.go:work:12"].variant is None


def test_a_behaviour_of_a_release_is_restored_by_its_own_setting_against_the_plain_base():
    seen = situation(base="go=1.22.9", candidate="go=1.24.3")
    found = proposed([cause(name="1.23.0")], seen, {})
    assert found["debug.asynctimerchan=1"].takes_back and found["debug.asynctimerchan=1"].on_base(seen) is None
    assert "debug.asynctimerchan=1" not in proposed([cause()], situation(), {})


def test_a_change_is_written_as_it_differs_from_the_candidate():
    candidate = parse_variant("go=1.24.3,GOGC=50,mod.m/m=v2")
    assert difference(candidate, parse_variant("go=1.24.11,GOGC=50,mod.m/m=v2")) == "go=1.24.11"
    assert difference(candidate, parse_variant("go=1.24.3,mod.m/m=v1")) == "mod.m/m=v1,without GOGC"
