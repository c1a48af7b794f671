"""Small valid input of every format, recorded from real programs or made by the writers: what the fuzzer mutates."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "recorded" / "fuzz"


@cache
def seeds() -> dict[str, list[bytes]]:
    """Returns the inputs by the name of their reader."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}

    def named(*prefixes: str) -> list[bytes]:
        found = [content for name, content in files.items() if name.startswith(prefixes)]
        if not found:
            raise SystemExit(f"{FOLDER} holds nothing named {' or '.join(prefixes)}")
        return found

    profiles = [gzip.decompress(content) for content in named("pprof")]
    texts = {kind: named(kind) for kind in ("gctrace", "scavtrace", "schedtrace", "gcpacertrace", "inittrace")}
    memstats = named("memstats")
    return {
        "pprof": profiles,
        "pprof, as it is found": [*named("pprof"), *profiles],
        "Go text profile": named("text"),
        "folded": named("folded"),
        "speedscope": named("speedscope"),
        "OTLP": named("otlp"),
        "trace v1": [gzip.decompress(content) for content in named("trace1")],
        "trace v2": [gzip.decompress(content) for content in named("trace2")],
        **texts,
        "runtime log": [b"".join(parts) for parts in zip(*texts.values(), strict=False)],
        "Prometheus text": named("prometheus"),
        "expvar": [json.dumps({"cmdline": [], "memstats": json.loads(content)}).encode() for content in memstats],
        "metrics JSON": named("metrics"),
        "MemStats JSON": memstats,
    }
