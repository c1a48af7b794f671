"""What was asked for: everything a comparison needs to be planned, resumed and repeated."""

from __future__ import annotations

import shlex

import msgspec

WHERE = frozenset({"cluster", "address"})


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of a comparison as data. Its texts are parsed, and refused, before anything is run."""

    variants: tuple[str, ...]
    """Specs in the order given; the first is the base."""
    subject: str
    arguments: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    """Chosen names, the primary first; empty means the default choice."""
    pairs: int | None = None
    budget: str | None = None
    gates: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()
    warmup: int = 1
    timeout_s: float = 600.0
    prepare: str | None = None
    keep_profiles: bool = False
    seed: int | None = None
    aa: bool = False
    """Measure the base a second time under another name, so that the instrument is checked in the same blocks."""
    service: bool = False
    load_command: str | None = None
    rate_per_second: float | None = None
    load_seconds: float | None = None
    path: str | None = None
    ready_url: str | None = None
    directory: str = ""
    """Where the command was given: relative paths start here."""
    cluster: str | None = None
    """What spreads the blocks over hosts (`ray`); None: all on this one. Where a comparison is measured may change
    between sessions; every run says where it was."""
    address: str | None = None

    def differences(self, stored: Request) -> tuple[str, ...]:
        """Returns the names of what this request asks for otherwise than `stored`; a seed left out fits any."""
        names: list[str] = []
        for name in self.__struct_fields__:
            mine, theirs = getattr(self, name), getattr(stored, name)
            if mine != theirs and not (name == "seed" and mine is None) and name not in WHERE:
                names.append(name)
        return tuple(names)

    def command(self) -> str:
        """Returns the command line that repeats this request."""
        words = ["whence", "compare", *self.variants, "--subject", self.subject]
        for name in self.metrics:
            words += ["--metric", name]
        if self.pairs is not None:
            words += ["--pairs", str(self.pairs)]
        if self.budget is not None:
            words += ["--budget", self.budget]
        for gate in self.gates:
            words += ["--gate", gate]
        for margin in self.margins:
            words += ["--margin", margin]
        if self.warmup != 1:
            words += ["--warmup", str(self.warmup)]
        if self.timeout_s != 600.0:
            words += ["--timeout", f"{self.timeout_s:g}s"]
        if self.prepare:
            words += ["--prepare", self.prepare]
        if self.keep_profiles:
            words.append("--keep-profiles")
        if self.aa:
            words.append("--aa")
        if self.cluster:
            words += ["--cluster", self.cluster]
        if self.address:
            words += ["--address", self.address]
        words += self._load_words()
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        if self.arguments:
            words += ["--", *self.arguments]
        return shlex.join(words)

    def _load_words(self) -> list[str]:
        words = ["--service"] if self.service else []
        for option, value in (
            ("--load", self.load_command),
            ("--rate", None if self.rate_per_second is None else f"{self.rate_per_second:g}"),
            ("--for", None if self.load_seconds is None else f"{self.load_seconds:g}s"),
            ("--get", self.path),
            ("--ready", self.ready_url),
        ):
            if value is not None:
                words += [option, value]
        return words
