"""Functions that workers of these tests run: they are found by the name of this module."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from whence.evidence.errors import BadInput


def weighed(shared: dict[str, np.ndarray], payload: int) -> float:
    """A number that depends on the shared array and on the payload alone."""
    random = np.random.default_rng(payload)
    return float(random.random() * shared["weights"].sum())


def place(shared: dict[str, np.ndarray], payload: str) -> tuple[bool, str, int]:
    """(may the array be written, how its memory is mapped, process)."""
    address = shared["weights"].ctypes.data
    for line in Path("/proc/self/maps").read_text().splitlines():
        low, high = (int(word, 16) for word in line.split()[0].split("-"))
        if low <= address < high:
            return shared["weights"].flags.writeable, line.split(maxsplit=5)[5], os.getpid()
    raise AssertionError("the array is nowhere")


def dies_once(shared: str, payload: int) -> int:
    """Kills its worker on the first try of each third payload; leaves a mark a try."""
    tries = Path(shared) / str(payload)
    with tries.open("a") as file:
        file.write("x")
    if payload % 3 == 0 and len(tries.read_text()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return payload * payload


def dies_always(shared: object, payload: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def fails(shared: object, payload: str) -> int:
    if payload == "bad":
        raise BadInput("the task says what is wrong. Do something else.")
    if payload == "odd":
        raise KeyError("nobody foresaw this")
    return 1


def sleeps(shared: str, payload: int) -> int:
    """Writes its process id, then sleeps for long."""
    (Path(shared) / f"pid{payload}").write_text(str(os.getpid()))
    time.sleep(60)
    return payload


def prints(shared: object, payload: str) -> str:
    print("noise on standard output")
    return payload
