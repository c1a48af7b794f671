"""The cache holds whole folders or none, whatever happens to the processes that fill it."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from whence.evidence.errors import UnusableEnvironment
from whence.golang.build.cache import Folders

KEY = "ab" + "0" * 38


def fill(folder: Path) -> dict[str, str]:
    (folder / "program").write_bytes(b"x" * 1000)
    return {"fact": "1"}


def never(folder: Path) -> dict[str, str]:
    raise AssertionError("made again")


def test_a_folder_is_made_once_and_its_facts_come_back(tmp_path):
    folders = Folders(tmp_path, by_content=True)
    made = folders.make(KEY, fill)
    found = folders.make(KEY, never)
    assert (made.made_now, found.made_now) == (True, False)
    assert found.path == made.path and found.facts == {"fact": "1"}


@pytest.mark.parametrize("damage", ["changed", "shortened", "removed", "manifest", "manifest-gone"])
def test_a_damaged_folder_is_made_again(tmp_path, damage):
    folders = Folders(tmp_path, by_content=True)
    path = folders.make(KEY, fill).path
    program, manifest = path / "program", path / "manifest.json"
    match damage:
        case "changed":
            program.write_bytes(b"y" * 1000)
        case "shortened":
            program.write_bytes(b"x" * 999)
        case "removed":
            program.unlink()
        case "manifest":
            manifest.write_bytes(manifest.read_bytes()[:-9])
        case _:
            manifest.unlink()
    assert folders.find(KEY) is None
    assert folders.make(KEY, fill).made_now
    assert (path / "program").read_bytes() == b"x" * 1000


def test_a_failed_filling_leaves_nothing(tmp_path):
    folders = Folders(tmp_path, by_content=True)
    with pytest.raises(AssertionError):
        folders.make(KEY, never)
    assert [p.name for p in tmp_path.glob("ab/*")] == [f"{KEY}.lock"]
    assert folders.make(KEY, fill).made_now


def test_threads_that_want_one_folder_make_it_once(tmp_path):
    folders, made = Folders(tmp_path, by_content=True), []

    def slowly(folder: Path) -> dict[str, str]:
        time.sleep(0.05)
        return fill(folder)

    threads = [threading.Thread(target=lambda: made.append(folders.make(KEY, slowly).made_now)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]


def make_forever(root: Path) -> None:
    folders = Folders(root, by_content=True)

    def many(folder: Path) -> dict[str, str]:
        for number in range(20):
            (folder / f"file{number}").write_bytes(b"z" * 5000)
        return fill(folder)

    for number in range(10_000):
        folders.make(f"{number % 7:040d}", many)
        (folders.path_of(f"{number % 7:040d}") / "program").write_bytes(b"damaged")


@pytest.mark.real
def test_a_kill_at_any_moment_leaves_whole_folders_or_none(tmp_path):
    moments = random.Random(3)
    for _ in range(8):
        process = multiprocessing.get_context("fork").Process(target=make_forever, args=(tmp_path,))
        process.start()
        time.sleep(moments.uniform(0.02, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        folders = Folders(tmp_path, by_content=True)
        for number in range(7):
            found = folders.find(f"{number:040d}")
            assert found is None or len(list(found.path.glob("file*"))) == 20
    assert Folders(tmp_path, by_content=True).make(f"{0:040d}", fill).path.is_dir()
    for number in range(7):
        Folders(tmp_path, by_content=True).make(f"{number:040d}", fill)
    assert not list(tmp_path.glob("*/*.unfinished-*")), "what a killed process left must go with the next make"


def test_pruning_removes_the_longest_unused_and_keeps_what_was_used_today(tmp_path):
    folders = Folders(tmp_path, by_content=True)
    keys = [f"{n:040d}" for n in range(4)]
    for age, key in zip((400_000, 300_000, 200_000, 0), keys, strict=True):
        manifest = folders.make(key, fill).path / "manifest.json"
        os.utime(manifest, (time.time() - age, time.time() - age))
    folders.prune(keep_bytes=3000, unused_s=86_400)
    left = [path.name for path in map(folders.path_of, keys) if path.exists()]
    assert left == keys[2:]
    folders.prune(keep_bytes=0, unused_s=86_400)
    assert [path.name for path in map(folders.path_of, keys) if path.exists()] == keys[3:]


def test_a_cache_that_cannot_be_written_names_the_way_out(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableEnvironment, match=r"WHENCE_CACHE"):
        Folders(tmp_path / "file", by_content=True).make(KEY, fill)
