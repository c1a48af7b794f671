"""A verb left out is a question: the help answers it."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Whence


@pytest.mark.parametrize("words", [(), ("toolchain",), ("workload",)])
def test_without_a_verb_the_help_is_shown(here: Whence, words: tuple[str, ...]) -> None:
    answer = here(*words)
    assert answer.code == 0 and answer.err == ""
    assert "Commands:" in answer.out
