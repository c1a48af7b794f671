"""A release is asked for by name, and one without a model is refused in one line that names the nearest."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.explain.simulator.cards.card import card_of
from whence.explain.simulator.costs.rows import costs_of
from whence.explain.simulator.versions.table import LINES, model


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_releases_has_all_rows_and_a_card(line: str) -> None:
    joined = model(line)
    assert joined.version.line == line and not joined.stands_in
    card = card_of(line)
    assert len(card.parts) == 4 and all(part.source for part in card.parts)


@pytest.mark.parametrize(("asked", "nearest"), [("1.28", "1.27"), ("1.30.1", "1.27"), ("2.0", "1.27"), ("0.9", "1.0")])
def test_a_release_without_a_model_is_refused_with_the_nearest_or_stands_in_with_a_warning(
    asked: str, nearest: str
) -> None:
    with pytest.raises(BadInput, match=rf"nearest is {nearest}; ") as refusal:
        model(asked)
    assert "\n" not in str(refusal.value)
    other = model(asked, allow_nearest=True)
    assert other.version.line == nearest and other.stands_in
    assert other.warning is not None and asked in other.warning


def test_releases_that_were_never_read_say_so() -> None:
    assert "public descriptions" in (model("1.1").warning or "")
    assert model("1.8").warning is None


def test_patch_releases_differ_where_the_runtime_did() -> None:
    assert model("1.21.0").page_heap.huge_rule != model("1.21.4").page_heap.huge_rule
    assert model("1.21.13").scavenger.limit != model("1.22.0").scavenger.limit


def test_costs_are_taken_from_the_release_before_where_none_were_fitted() -> None:
    assert costs_of(model("1.25.5").version) == costs_of(model("1.24.13").version)
    assert costs_of(model("1.0").version).heap_bitmap_share == 4 / 64
