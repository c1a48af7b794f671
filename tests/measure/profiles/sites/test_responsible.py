"""The responsible function is the first outside the set, told by import path and file, never by a library's name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.sites import responsible

GO = "/usr/local/go/src"


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("main.main", "main"),
        ("net/http.(*conn).serve", "net/http"),
        ("example.com/a/b%2ev2.F", "example.com/a/b.v2"),
        ("internal/sync.newNode[go.shape.interface {},example.com/x.T]", "internal/sync"),
    ],
)
def test_the_package_is_read_from_the_name(function: str, package: str) -> None:
    assert responsible.package_of(function) == package


@pytest.mark.parametrize(
    ("function", "file", "standard"),
    [
        ("encoding/json.Unmarshal", f"{GO}/encoding/json/decode.go", True),
        ("encoding/json.Unmarshal", "encoding/json/decode.go", True),
        ("reflect.unsafe_New", f"{GO}/runtime/malloc.go", True),
        ("vendor/golang.org/x/net/http2/hpack.F", f"{GO}/vendor/golang.org/x/net/http2/hpack/a.go", True),
        ("golang.org/x/net/http2.parsePingFrame", "/m/golang.org/x/net@v0.1.0/http2/frame.go", False),
        ("log/mine.F", "/home/me/work/log/mine/a.go", False),
        ("main.main", "/home/me/main.go", False),
    ],
)
def test_the_standard_library_is_known_by_path_and_place(function: str, file: str, standard: bool) -> None:
    assert responsible.is_standard(function, file) is standard


def test_a_prefix_ends_where_a_name_ends() -> None:
    assert responsible.is_outside("example.com/lib.F", ["example.com/lib"])
    assert responsible.is_outside("example.com/lib/sub.(*T).M", ["example.com/lib"])
    assert not responsible.is_outside("example.com/library.F", ["example.com/lib"])


def test_the_first_frame_outside_the_set_is_responsible(made_profile: Callable[..., Profile]) -> None:
    stack = [
        f"encoding/json.(*decodeState).object@{GO}/encoding/json/decode.go:700",
        "example.com/lib.Decode@/m/example.com/lib@v1.0.0/lib.go:3",
        "main.load@/w/main.go:12",
        "main.main@/w/main.go:5",
    ]
    only = [f"net/http.(*conn).serve@{GO}/net/http/server.go:1"]
    machinery = [f"runtime.mallocgc@{GO}/runtime/malloc.go:1", f"runtime.allgadd@{GO}/runtime/proc.go:9"]
    profile = made_profile([(stack, 16, 1, 0), (only, 16, 1, 0), (machinery, 16, 1, 0), ([], 16, 1, 0)])
    names = [*profile.function_names(), "none"]

    def told(prefixes: list[str]) -> list[str]:
        return [names[row] for row in responsible.places(profile, prefixes).responsible.tolist()]

    assert told([]) == ["example.com/lib.Decode", "net/http.(*conn).serve", "runtime.allgadd", "none"]
    assert told(["example.com/lib"])[0] == "main.load"
    found = responsible.places(profile, [])
    assert names[int(found.allocator[0])] == "encoding/json.(*decodeState).object"
    assert found.line.tolist()[0] == 3
