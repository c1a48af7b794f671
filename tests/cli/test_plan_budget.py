"""A plan says of a budget only what is known before the pilot."""

from __future__ import annotations

import sys

from tests.cli.conftest import Whence


def test_a_budget_promises_no_number_of_blocks(here: Whence) -> None:
    words = ("compare", "a:", "b:X=1", "--subject", "exec:", "--plan", "--")
    budget = here(*words[:-1], "--budget", "10m", "--", sys.executable).out
    assert "as many blocks as the budget pays for" in budget and "about 600 s" in budget
    assert "10 blocks" not in budget
    assert "10 blocks" in here(*words, sys.executable).out
