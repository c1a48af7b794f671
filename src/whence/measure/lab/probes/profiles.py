"""Keeps what a run leaves in the directory that `WHENCE_PROFILES` names: profiles, traces (`--keep-profiles`)."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from whence.evidence.errors import UnusableEnvironment
from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes.probe import Ending, Probe, Reading

VARIABLE = "WHENCE_PROFILES"


class ProfilesProbe(Probe):
    """Gives each run a directory of its own; one that stays empty is removed."""

    def __init__(self, options: RunOptions) -> None:
        super().__init__(options)
        self._directory: Path | None = None

    def environment(self, inherited: dict[str, str], argv: tuple[str, ...]) -> dict[str, str]:
        parent = self.options.keep_profiles_in
        if parent is None:
            return {}
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self._directory = Path(tempfile.mkdtemp(prefix="run-", dir=parent)).resolve()
        except OSError as error:
            raise UnusableEnvironment(
                f"cannot make a directory for profiles in {parent} ({error.strerror}). Make room for it."
            ) from error
        return {VARIABLE: str(self._directory)}

    def after(self, ending: Ending) -> Reading:
        if self._directory is None:
            return Reading()
        kept = sorted(file.name for file in self._directory.iterdir())
        if not kept:
            return Reading(notes=(f"profiles: the program left nothing in {VARIABLE}",))
        return Reading(notes=(f"profiles: {', '.join(kept)} in {self._directory}",))

    def close(self) -> None:
        if self._directory is not None:
            with suppress(OSError):
                self._directory.rmdir()
