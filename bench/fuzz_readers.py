"""Mutated input for every reader: none may crash, hang, or take memory that its input does not justify.

    python -m bench.fuzz_readers                 a million inputs over all readers, on all CPUs
    python -m bench.fuzz_readers 20000           that many

A reader may return a result or raise BadInput (DamagedInput, UnknownFormat). Anything else is a crash; more than 2 s of
CPU for one input is a hang; more memory than 64 MB above what a process held before is unbounded. The inputs are bits
flipped, bytes cut, doubled, moved or taken from another input, and lengths replaced by very large ones; the same seed
gives the same inputs.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable

from bench.fuzz_seeds import seeds
from whence.evidence.errors import BadInput

SECONDS, MEGABYTES, PIECE = 2.0, 64, 2_000


def readers() -> dict[str, Callable[[bytes], object]]:
    """Returns every reader by name; each reads its input to the end."""
    from whence.measure.profiles.readers import (
        expvar,
        gcpacertrace,
        gctrace,
        inittrace,
        memstats,
        metrics_json,
        metrics_text,
        runtime_log,
        scavtrace,
        schedtrace,
    )
    from whence.measure.profiles.readers.folded import read_folded
    from whence.measure.profiles.readers.legacy_text import read_legacy_text
    from whence.measure.profiles.readers.otlp import read_otlp
    from whence.measure.profiles.readers.pprof import read_pprof
    from whence.measure.profiles.readers.reading import read_profile
    from whence.measure.profiles.readers.speedscope import read_speedscope
    from whence.measure.profiles.readers.trace import read_trace

    def trace(content: bytes) -> None:
        for generation in read_trace(io.BytesIO(content)):
            for _ in generation.blocks():
                pass
            for _ in generation.allocation_blocks():
                pass

    return {
        "pprof": read_pprof,
        "pprof, as it is found": read_profile,
        "Go text profile": read_legacy_text,
        "folded": read_folded,
        "speedscope": read_speedscope,
        "OTLP": read_otlp,
        "trace v1": trace,
        "trace v2": trace,
        "gctrace": gctrace.read,
        "scavtrace": scavtrace.read,
        "schedtrace": schedtrace.read,
        "gcpacertrace": gcpacertrace.read,
        "inittrace": inittrace.read,
        "runtime log": runtime_log.read,
        "Prometheus text": metrics_text.read,
        "expvar": expvar.read,
        "metrics JSON": metrics_json.read,
        "MemStats JSON": memstats.read,
    }


def mutated(source: random.Random, content: bytes, other: bytes) -> bytes:
    """Returns the content with one to four things wrong with it."""
    data = bytearray(content)
    for _ in range(source.choice((1, 1, 1, 2, 4))):
        if not data:
            break
        at, kind = source.randrange(len(data)), source.randrange(9)
        span = source.randrange(1, 1 + min(64, len(data)))
        if kind == 0:
            data[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            data[at] = source.randrange(256)
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at : at + span]
        elif kind == 4:
            data[at:at] = data[at : at + span]
        elif kind == 5:
            data[at : at + span] = other[at : at + span]
        elif kind == 6:
            data[at : at + 1] = b"\xff" * source.randrange(1, 10) + bytes([source.randrange(128)])
        elif kind == 7:
            data[at:at] = str(source.choice((0, 1 << 31, 1 << 62, 10**19, 10**40))).encode()
        else:
            data[at:at] = source.choice((b"\x00", b"\n", b"[", b"{", b'"', b"@", b";", b" ", b"-", b"e999"))
    return bytes(data)


def run_piece(task: tuple[str, int, int]) -> tuple[str, int, list[str], float]:
    """Returns (reader, inputs, what went wrong, longest seconds of CPU) of one piece of the work."""
    name, number, count = task
    read, mine = readers()[name], seeds()[name]
    source = random.Random(f"{name} {number}")
    wrong: list[str] = []
    longest = 0.0

    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGPROF, late)
    warnings.simplefilter("error")  # a warning would reach the user's terminal
    for step in range(count):
        content = mutated(source, source.choice(mine), source.choice(mine))
        before, began = resident(), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            read(content)
        except BadInput as error:
            if "\n" in str(error):
                wrong.append(f"{name} {number}/{step}: more than one line: {error}")
        except TimeoutError:
            wrong.append(f"{name} {number}/{step}: more than {SECONDS} s")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            wrong.append(f"{name} {number}/{step}: {type(error).__name__}: {error} at {where.filename}:{where.lineno}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        longest = max(longest, time.process_time() - began)
        if resident() - before > MEGABYTES << 20:
            wrong.append(f"{name} {number}/{step}: took {(resident() - before) >> 20} MB for {len(content)} bytes")
    return name, count, wrong, longest


def resident() -> int:
    """Returns the peak resident bytes of this process, which only grows."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def main() -> int:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    names = list(readers())
    each = -(-total // len(names))
    tasks = [(name, n, min(PIECE, each - n * PIECE)) for n in range(-(-each // PIECE)) for name in names]
    done: dict[str, int] = dict.fromkeys(names, 0)
    longest: dict[str, float] = dict.fromkeys(names, 0.0)
    wrong: list[str] = []
    began = time.monotonic()
    with multiprocessing.get_context("forkserver").Pool(os.cpu_count(), maxtasksperchild=8) as pool:
        for number, (name, count, failures, seconds) in enumerate(pool.imap_unordered(run_piece, tasks), 1):
            done[name] += count
            longest[name] = max(longest[name], seconds)
            wrong += failures
            for failure in failures[:3]:
                print(failure, flush=True)
            if number % 50 == 0:
                print(f"{sum(done.values()):,} of {total:,} in {time.monotonic() - began:.0f} s", file=sys.stderr)
    for name in names:
        print(f"{name:22} {done[name]:>9,} inputs, longest {longest[name]:.2f} s of {SECONDS:.0f} s")
    print(f"{sum(done.values()):,} inputs, {len(wrong)} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
