"""Which verdict follows from which shares."""

import pytest

from whence.evidence.attribution import Cause, Leftover
from whence.explain.attribution.verdicts import runs_to_tell, verdict_of


def cause(kind: str, share: float, blamed: bool = True) -> Cause:
    return Cause(kind=kind, name=f"{kind} {share}", share=share, low=share - 0.001, high=share + 0.001, blamed=blamed)  # type: ignore[arg-type]


NOTHING = Leftover(share=0.0, low=-0.001, high=0.001)


@pytest.mark.parametrize(
    ("causes", "verdict"),
    [
        ([cause("toggle", 0.20), cause("toolchain", 0.005)], "explained"),
        ([cause("toggle", 0.15), cause("toolchain", 0.05)], "partly-explained"),
        ([cause("toolchain", 0.20), cause("toggle", 0.0, False)], "none-of-the-switches"),
        ([cause("toolchain", 0.20), cause("toggle", 0.001)], "none-of-the-switches"),
        ([cause("toolchain", 0.10, False), cause("toggle", 0.10, False)], "undetermined"),
        ([cause("module", 0.20), cause("toolchain", 0.0, False)], "explained"),
        ([cause("toggle", 0.05), cause("flag", -0.05), cause("environment", 0.02)], "explained"),
    ],
)
def test_the_verdict_follows_from_who_carries_the_change(causes: list[Cause], verdict: str):
    points = sum(c.share or 0 for c in causes)
    assert verdict_of(causes, points, NOTHING) == verdict


def test_what_the_shares_leave_unexplained_keeps_a_verdict_partial():
    left = Leftover(share=0.05, low=0.03, high=0.07)
    assert verdict_of([cause("toggle", 0.2)], 0.2, left) == "partly-explained"


def test_a_closer_look_inside_a_cause_does_not_count_twice():
    import msgspec

    inside = msgspec.structs.replace(cause("source", 0.2), part_of="1.24.0")
    assert verdict_of([cause("toolchain-patch", 0.2), inside], 0.2, NOTHING) == "none-of-the-switches"


def test_runs_to_tell_grow_with_the_square_of_what_is_missing():
    assert runs_to_tell(0.02, 0.01, 32) == 128
    assert runs_to_tell(float("inf"), 0.01, 32) is None
