"""Plans: what they can tell apart is what published tables say, and what the rule promises."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.stats.designs import Design, Factor, aliases, choose, fold, follow_up, layouts_for, schedule
from whence.stats.designs.factors import buildable
from whence.stats.designs.plackett_burman import FIRST_ROWS, folded_over, plackett_burman
from whence.stats.designs.two_level import best_generators, fraction, full_factorial, word_pattern


def switches(builds: int, others: int, needs: str | None = None) -> list[Factor]:
    return [Factor(f"f{i}", i < builds, needs) for i in range(builds + others)]


@pytest.mark.parametrize(
    ("count", "generators", "resolution"),
    [  # Box, Hunter and Hunter, Statistics for Experimenters: the standard fractions.
        (3, [(2, (0, 1))], 3),
        (4, [(3, (0, 1, 2))], 4),
        (5, [(4, (0, 1, 2, 3))], 5),
        (5, [(3, (0, 1)), (4, (0, 2))], 3),
        (6, [(5, (0, 1, 2, 3, 4))], 6),
        (6, [(4, (0, 1, 2)), (5, (1, 2, 3))], 4),
        (7, [(4, (0, 1, 2)), (5, (1, 2, 3)), (6, (0, 2, 3))], 4),
        (7, [(3, (0, 1)), (4, (0, 2)), (5, (1, 2)), (6, (0, 1, 2))], 3),
        (8, [(6, (0, 1, 2, 3)), (7, (0, 1, 4, 5))], 5),
    ],
)
def test_published_fractions_have_their_resolution(
    count: int, generators: list[tuple[int, tuple[int, ...]]], resolution: int
) -> None:
    cells = fraction(count, generators)
    assert len(set(cells)) == len(cells) == 2 ** (count - len(generators))
    assert aliases.resolution(cells) == resolution
    assert (0,) * count in cells


def test_the_alias_structure_of_the_quarter_of_six_factors_is_the_published_one() -> None:
    cells = fraction(6, [(4, (0, 1, 2)), (5, (1, 2, 3))])  # I = ABCE = BCDF = ADEF
    assert {word for word, _ in aliases.words(cells)} == {(0, 1, 2, 4), (1, 2, 3, 5), (0, 3, 4, 5)}
    groups = {frozenset(group) for group in aliases.aliased_pairs(cells)}
    assert frozenset({(0, 4), (1, 2), (3, 5)}) in groups  # AE = BC = DF
    assert len(groups) == 7


@pytest.mark.parametrize(
    ("builds", "others", "basic", "pattern"),
    [  # Minimum aberration fractions of Fries and Hunter: words of length 1, 2, 3, ….
        (0, 5, 4, (0, 0, 0, 0, 1)),
        (0, 6, 4, (0, 0, 0, 3, 0, 0)),
        (0, 7, 4, (0, 0, 0, 7, 0, 0, 0)),
        (0, 7, 5, (0, 0, 0, 1, 2, 0, 0)),
        (0, 8, 5, (0, 0, 0, 3, 4, 0, 0, 0)),
        (0, 8, 6, (0, 0, 0, 0, 2, 1, 0, 0)),
    ],
)
def test_the_search_finds_the_published_minimum_aberration(
    builds: int, others: int, basic: int, pattern: tuple[int, ...]
) -> None:
    flags = (True,) * builds + (False,) * others
    made = best_generators(flags, 0, basic)
    masks = [sum(1 << part for part in of) | 1 << position for position, of in made]
    assert word_pattern(len(flags), masks) == pattern


@pytest.mark.parametrize("size", FIRST_ROWS)
def test_plackett_burman_columns_are_orthogonal_and_folding_clears_main_effects(size: int) -> None:
    cells = plackett_burman(size - 1)
    coded = aliases.signs(cells)
    assert np.array_equal(coded.T @ coded, size * np.eye(size - 1))
    few = plackett_burman(min(size - 1, 8))
    assert not aliases.main_effects_clear(few)
    assert aliases.main_effects_clear(folded_over(few))


def test_the_twelve_run_plan_is_partly_aliased_by_a_third() -> None:
    cells = plackett_burman(5)
    coded = aliases.signs(cells)
    triples = {abs(float(aliases.column(coded, t).sum())) / 12 for t in itertools.combinations(range(5), 3)}
    assert triples == {1 / 3}
    assert aliases.generalised_resolution(cells) == pytest.approx(3 + 2 / 3)


@pytest.mark.parametrize(
    ("builds", "others", "kind", "most_cells", "most_builds", "least"),
    [
        (1, 0, "full", 2, 2, None),
        (4, 1, "full", 32, 16, None),
        (4, 2, "fraction", 32, 16, 6),
        (0, 6, "fraction", 32, 1, 6),
        (5, 0, "fraction", 16, 16, 5),
        (5, 1, "fraction", 32, 16, 5),
        (6, 0, "fraction", 16, 16, 4),
        (3, 4, "screen", 24, 8, None),
        (6, 2, "screen", 24, 24, None),
        (4, 8, "screen", 40, 16, None),
    ],
)
def test_the_rule_gives_each_number_of_factors_its_plan(
    builds: int, others: int, kind: str, most_cells: int, most_builds: int, least: int | None
) -> None:
    design = choose(switches(builds, others))
    assert (design.kind, design.resolution) == (kind, least)
    assert len(design.cells) <= most_cells and len(design.builds) <= most_builds
    assert aliases.main_effects_clear(design.cells) and design.base in design.cells


@given(builds=st.integers(0, 6), others=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_no_plan_ever_aliases_a_main_effect_with_a_pair(builds: int, others: int) -> None:
    if builds + others == 0:
        return
    design = choose(switches(builds, others))
    assert aliases.main_effects_clear(design.cells)
    assert design.resolution is None or design.resolution >= 4
    assert (design.resolution == 4) == bool(design.aliased)


def test_folding_separates_only_what_matters() -> None:
    design = choose(switches(6, 0))
    pair, partner = design.aliased[0][0], design.aliased[0][1]
    folded = fold(design, [pair])
    assert len(folded.cells) == 2 * len(design.cells)
    assert aliases.main_effects_clear(folded.cells)
    assert all(pair not in group for group in folded.aliased)
    assert partner != pair
    full = choose(switches(2, 1))
    assert fold(full, [("f0", "f1")]) is full


def test_folding_prefers_factors_that_need_no_build() -> None:
    flags = (True,) * 4 + (False,) * 4
    made = best_generators(flags, 3, 2)
    cells = fraction(8, made)
    names = [f"f{i}" for i in range(8)]
    factors = tuple(Factor(name, flag) for name, flag in zip(names, flags, strict=True))
    pairs = aliases.aliased_pairs(cells)
    design = Design(kind="fraction", factors=factors, cells=cells)
    group = next(g for g in pairs if any(not flags[i] for i in set(g[0]) ^ set(g[1])))
    folded = fold(design, [(names[group[0][0]], names[group[0][1]])])
    assert len(folded.builds) <= 2 * len(design.builds)
    assert all((names[group[0][0]], names[group[0][1]]) not in g for g in folded.aliased)


def test_after_screening_the_rest_move_together_and_both_corners_stay() -> None:
    factors = switches(4, 5)
    design = follow_up(factors, ["f0", "f1", "f8"])
    rest = [i for i, f in enumerate(factors) if f.name not in ("f0", "f1", "f8")]
    assert all(len({cell[i] for i in rest}) == 1 for cell in design.cells)
    assert design.base in design.cells and design.candidate in design.cells
    with pytest.raises(ValueError, match="survivors"):
        follow_up(factors, ["f9"])


def test_switches_of_a_release_stay_off_without_it() -> None:
    factors = [Factor("release", True), *switches(2, 2, "release"), Factor("module", True)]
    design = choose(factors)
    assert design.kind == "nested"
    assert all(buildable(cell, factors) for cell in design.cells)
    off = {cell for cell in design.cells if not cell[0]}
    assert off == {(0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1)}
    assert {cell for cell in design.cells if cell[0]} == {(1, *cell) for cell in full_factorial(5)}


@given(builds=st.integers(0, 4), others=st.integers(1, 3), layouts=st.none() | st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_each_block_holds_each_cell_once(builds: int, others: int, layouts: int | None) -> None:
    design = choose(switches(builds, others))
    runs = schedule(design, blocks=3, layouts=layouts, seed=7)
    for block in range(3):
        assert Counter(run.cell for run in runs if run.block == block) == Counter(design.cells)
    links = Counter((run.build, run.layout) for run in runs)
    assert max(links.values()) == 1 if layouts is None else len(links) <= len(design.builds) * layouts
    assert runs == schedule(design, blocks=3, layouts=layouts, seed=7)


@pytest.mark.parametrize("builds", [1, 2, 3, 4])
def test_six_switches_get_thirty_two_links_for_sixty_four_runs(builds: int) -> None:
    design = choose(switches(builds, 6 - builds))
    runs = schedule(design, blocks=2, layouts=layouts_for(design), seed=1)
    assert len(runs) == 64 and len(design.builds) <= 16
    links = Counter((run.build, run.layout) for run in runs)
    assert len(links) == 32 and set(links.values()) == {2}


def test_malformed_factors_are_refused() -> None:
    for factors in ([], [Factor("a"), Factor("a")], [Factor("a", needs="b")]):
        with pytest.raises(ValueError):
            choose(factors)
    with pytest.raises(ValueError, match="24 factors"):
        plackett_burman(24)
    with pytest.raises(ValueError, match="basic"):
        fraction(3, [(2, (2, 0))])
