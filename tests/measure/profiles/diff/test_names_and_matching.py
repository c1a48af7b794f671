"""Names taken apart, and the rules by which functions of different names are one."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import background, profile_of

from whence.measure.profiles.diff.diffing import diff
from whence.measure.profiles.diff.names import parts, without_type_parameters, without_version


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("net/http.(*Server).Serve.func1", ("net/http", "net/http.(*Server).Serve", ".func1")),
        ("main.run.func1.2", ("main", "main.run", ".func1.2")),
        ("main.run.func1-range1", ("main", "main.run", ".func1-range1")),
        ("main.run.gowrap2", ("main", "main.run", ".gowrap2")),
        ("main.run.func3.deferwrap1", ("main", "main.run", ".func3.deferwrap1")),
        ("main.T.Close-fm", ("main", "main.T.Close", "-fm")),
        ("example.org/a.b/v2/pkg.Do", ("example.org/a.b/v2/pkg", "example.org/a.b/v2/pkg.Do", "")),
        ("aeshashbody", ("", "aeshashbody", "")),
    ],
)
def test_parts(name: str, expected: tuple[str, str, str]) -> None:
    assert tuple(parts(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slices.SortFunc[...]", "slices.SortFunc"),
        ("slices.SortFunc[go.shape.[]int,go.shape.int]", "slices.SortFunc"),
        ("main.(*Map[go.shape.int,go.shape.struct { F [2]int }]).Get", "main.(*Map).Get"),
        ("main.Each[...].func1", "main.Each.func1"),
        ("operator[]", "operator"),
        ("[vdso]", "[vdso]"),
        ("main.plain", "main.plain"),
    ],
)
def test_type_parameters_are_no_part_of_a_function(name: str, expected: str) -> None:
    assert without_type_parameters(name) == expected


def test_a_major_version_is_taken_out_of_paths_alone() -> None:
    assert without_version("example.org/m/v2/p.F") == "example.org/m/p.F"
    assert without_version("example.org/m/v12.F") == "example.org/m.F"
    assert without_version("example.org/m/v1/p.F") == "example.org/m/v1/p.F"
    assert without_version("main.v2") == "main.v2"


def found_matches(base: dict[str, int], candidate: dict[str, int], **said: dict) -> dict[str, tuple[str, str]]:
    ground = background(np.random.default_rng(1), 4000)
    found = diff([profile_of(ground | base, **said)], [profile_of(ground | candidate, **said)])
    return {one.base: (one.candidate, one.rule) for one in found.matches}


def test_a_module_of_another_major_version() -> None:
    assert found_matches({"main.main;x.org/m/v2/p.Do": 300}, {"main.main;x.org/m/v3/p.Do": 310}) == {
        "x.org/m/v2/p.Do": ("x.org/m/v3/p.Do", "module version")
    }


def test_a_receiver_that_became_a_value() -> None:
    assert found_matches({"main.main;main.(*T).Do": 300}, {"main.main;main.T.Do": 310}) == {
        "main.(*T).Do": ("main.T.Do", "receiver")
    }


def test_a_function_that_was_exported() -> None:
    assert found_matches({"main.main;p.doIt": 300}, {"main.main;p.DoIt": 310}) == {"p.doIt": ("p.DoIt", "spelling")}


def test_a_renamed_function_is_known_by_its_callers_and_callees() -> None:
    base = {"main.main;p.caller;p.old": 200, "main.main;p.caller;p.old;p.leaf": 300}
    candidate = {"main.main;p.caller;p.fresh": 220, "main.main;p.caller;p.fresh;p.leaf": 290}
    files = {"p.old": "/src/p/p.go", "p.fresh": "/src/p/p.go"}
    assert found_matches(base, candidate, files=files) == {"p.old": ("p.fresh", "renamed")}


def test_two_that_are_equally_alike_are_not_matched() -> None:
    base = {"main.main;p.caller;p.old": 200}
    candidate = {"main.main;p.caller;p.one": 100, "main.main;p.caller;p.two": 110}
    files = dict.fromkeys(("p.old", "p.one", "p.two"), "/src/p/p.go")
    assert found_matches(base, candidate, files=files) == {}


def test_what_chance_may_have_hidden_is_not_renamed() -> None:
    base, candidate = {"main.main;p.caller;p.old": 3}, {"main.main;p.caller;p.fresh": 4}
    files = {"p.old": "/src/p/p.go", "p.fresh": "/src/p/p.go"}
    assert found_matches(base, candidate, files=files) == {}


def test_closures_whose_numbers_shifted_are_paired_by_what_they_call() -> None:
    base = {"main.main;p.run;p.run.func1;p.parse": 300, "main.main;p.run;p.run.func2;p.write": 200}
    candidate = {
        "main.main;p.run;p.run.func1;p.open": 250,
        "main.main;p.run;p.run.func2;p.parse": 300,
        "main.main;p.run;p.run.func3;p.write": 200,
    }
    assert found_matches(base, candidate) == {
        "p.run.func1": ("p.run.func2", "closure"),
        "p.run.func2": ("p.run.func3", "closure"),
    }


def test_a_base_function_whose_name_another_took_keeps_its_own_row() -> None:
    ground = background(np.random.default_rng(2), 4000)
    base = ground | {"main.main;p.run;p.run.func1;p.parse": 300}
    candidate = ground | {"main.main;p.run;p.run.func1;p.open": 250, "main.main;p.run;p.run.func2;p.parse": 300}
    found = diff([profile_of(base)], [profile_of(candidate)])
    rows = {row.name: row for row in found.functions}
    assert rows["p.run.func2"].base_name == "p.run.func1"
    assert rows["p.run.func2"].cum.base_share > 0
    assert rows["p.run.func1"].cum.base == 0
