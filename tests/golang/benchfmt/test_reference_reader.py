"""The reader that benchstat itself uses as judge: whatever the text, both read the same results and errors."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from bench.rivals import benchstat

from whence.golang.benchfmt import parse

pytestmark = [pytest.mark.network, pytest.mark.real]

STARTS = [
    "Benchmark",
    "BenchmarkA-8",
    "BenchmarkÄ/x=1",
    "Benchmarkfoo",
    "Unit",
    "Unitx",
    "key:",
    "pkg:",
    "größe:",
    "ſx:",
]
STARTS += ["ªb:", "K:", "a:b:", "a:", "a", "Ω", "\x1c", "ü:"]
NUMBERS = ["1", "100", "-5", "+7", "1e3", "1_0", "1__0", "0x10", "0x1p4", "0X.8P-1", "0x_1p1", "1e999", "-1e400", "nan"]
NUMBERS += ["NaN", "+nan", "inf", "+Inf", "-infinity", "infin", "1.", "1.5", ".5", ".", "", "1e-400", "5e-324", "1e"]
NUMBERS += ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 400, "-0", "٣", "--1", "0b1"]
UNITS = ["ns/op", "MB/s", "x", "B/op", "k=v", "better=lower", "=v", "k=", "k", "µs", "ns"]
BLANKS = [" ", "\t", "  ", " \t ", "\u2003", "\u00a0", "\x85", "\x0b", "\x0c", "\x1c", "", "\r"]
ENDS = ["\n", "\r\n", "\n\n", " \n", "\r\r\n", ""]


def line(draw: random.Random) -> str:
    if draw.random() < 0.5:
        pairs = [f"{draw.choice(NUMBERS)} {draw.choice(UNITS)}" for _ in range(draw.randrange(1, 4))]
        return f"Benchmark{draw.choice('AB')} {draw.choice(NUMBERS)} {' '.join(pairs)}{draw.choice(ENDS)}"
    text = draw.choice(STARTS)
    for _ in range(draw.randrange(7)):
        blank = draw.choice(BLANKS[:4] if draw.random() < 0.8 else BLANKS)
        text += blank + draw.choice(NUMBERS if draw.random() < 0.5 else UNITS)
    return text + draw.choice(ENDS)


def go(folder: Path, *words: str) -> None:
    subprocess.run(["go", *words], cwd=folder, check=True, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program in `reference/`, built against the module that benchstat was built from."""
    folder = tmp_path_factory.mktemp("reference")
    shutil.copy(Path(__file__).parent / "reference" / "main.go", folder)
    try:
        version = benchstat.module_directory().name.partition("@")[2]
        go(folder, "mod", "init", "example.org/reference")
        go(folder, "get", f"{benchstat.MODULE}@{version}")
        go(folder, "mod", "tidy")
    except (benchstat.Unavailable, OSError, subprocess.SubprocessError) as reason:
        pytest.skip(f"SKIPPED no golang.org/x/perf to build against: {reason}")
    go(folder, "build", "-o", "reference", ".")
    return folder / "reference"


def as_ours(record: list) -> tuple:
    _, name, iterations, values, config = record
    read = [(float(v) if v in {"NaN", "+Inf", "-Inf"} else float.fromhex(v), unit) for v, unit in values]
    return name, iterations, repr(read), sorted(config.items())


def test_any_text_is_read_as_the_reference_reads_it(reference: Path):
    draw = random.Random(4)
    texts = ["".join(line(draw) for _ in range(draw.randrange(1, 7))) for _ in range(5000)]
    asked = "\n".join(json.dumps(text) for text in texts)
    answers = subprocess.run([reference], input=asked, capture_output=True, text=True, check=True).stdout.split("\n")[
        :-1
    ]
    assert len(answers) == len(texts)
    for text, answer in zip(texts, answers, strict=True):
        records = json.loads(answer)
        file = parse(text, source="text")
        ours = [(r.full_name, r.iterations, repr(list(r.values)), sorted(r.config.items())) for r in file.results]
        assert ours == [as_ours(record) for record in records if record[0] == "result"], text
        assert [int(w.split(":")[1]) for w in file.warnings] == [r[1] for r in records if r[0] == "error"], text
