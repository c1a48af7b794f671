"""A small program, and questions about it that take little time."""

from __future__ import annotations

import pytest

from whence.explain.simulator.inputs.choosing import Hints, open_input
from whence.explain.simulator.whatif.asking import Opened, Surroundings


@pytest.fixture(scope="session")
def opened() -> Opened:
    found = open_input(None, Hints(alloc_rate="50MB/s", live="10MB", duration="5s"))
    return Opened(programs=found.programs, subject="small", around=Surroundings(go="1.24", host_processors=2))
