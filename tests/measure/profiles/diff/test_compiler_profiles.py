"""The compiler's own CPU profiles, which no rule was written for: one release against another."""

from __future__ import annotations

import pytest

from whence.golang import toolchains
from whence.measure.profiles.diff.diffing import diff
from whence.measure.profiles.readers import read
from whence.measure.profiles.readers.profile import Profile

pytestmark = pytest.mark.real


def compiler_profile(release: str) -> Profile:
    toolchain = toolchains.find(release)
    if toolchain is None:
        pytest.skip(f"SKIPPED the compiler's profile: go{release} is not there")
    return read(str(toolchain.goroot / "src/cmd/compile/default.pgo"))


@pytest.mark.parametrize(("first", "second"), [("1.21.13", "1.27.4"), ("1.24.13", "1.25.5")])
def test_releases_compare_by_role(first: str, second: str) -> None:
    found = diff([compiler_profile(first)], [compiler_profile(second)])
    assert max(found.base.unmapped_share, found.candidate.unmapped_share) < 0.05
    assert min(found.base.runtime_share, found.candidate.runtime_share) > 0.3
    roles = {one.role: one.flat for one in found.roles}
    for role in ("mark", "malloc", "map", "memmove and memclr"):
        assert min(roles[role].base_share, roles[role].candidate_share) > 0.02


def test_a_renamed_iterator_of_maps_is_one_function() -> None:
    found = diff([compiler_profile("1.24.13")], [compiler_profile("1.25.5")])
    rules = {(one.base, one.candidate): one.rule for one in found.matches}
    assert rules[("runtime.mapiternext", "runtime.mapIterNext")] == "spelling"
