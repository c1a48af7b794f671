"""Golden files: those of the folder in WHENCE_ORACLES, else beside the checkout, and the project's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from whence.golang.versions import parse_version

CHECKOUT = Path(__file__).parents[4]
OWN = CHECKOUT / "tests" / "oracles"


def folders() -> list[Path]:
    """Returns the folders of golden files that exist, the one asked for first."""
    named = os.environ.get("WHENCE_ORACLES")
    first = Path(named) if named else CHECKOUT.parent / "shared" / "oracles"
    return [folder for folder in (first, OWN) if folder.is_dir()]


def files(kind: str) -> list[Path]:
    """Returns the golden files of one kind (a subfolder); a file's copy elsewhere counts once."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted((folder / kind).glob("*.json")):
            found.setdefault(path.read_text(), path)
    return list(found.values())


def releases(key: str) -> list[str]:
    """Returns the releases that a key such as `go1.19.8`, `go1.20` or `go1.21-1.27` names; each line of a range."""
    first, _, last = key.removeprefix("go").partition("-")
    if not last:
        return [first]
    begin, end = parse_version(first), parse_version(last)
    between = [f"1.{minor}" for minor in range(begin.minor + 1, end.minor)]
    return [first, *between, last]


def cases(kind: str) -> list[tuple[str, str, list[Any]]]:
    """Returns (release, scenario, rows) for every golden scenario of one kind."""
    found = []
    for path in files(kind):
        for key, scenarios in json.loads(path.read_text()).items():
            if key.startswith("go"):
                found += [(release, name, rows) for release in releases(key) for name, rows in scenarios.items()]
    return found
