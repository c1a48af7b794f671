"""A profile as columns: what pprof's profile.proto holds, with ids replaced by rows.

Every table is a struct of arrays. Strings are rows of one string table; row 0 is the empty string. A sample's stack is
a run of location rows, leaf first; a location has one line for each function inlined there, innermost first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Rows = NDArray[np.int32]


class ValueType(NamedTuple):
    """What one column of values counts, and in which unit."""

    type: str
    unit: str


NO_TYPE = ValueType("", "")


@dataclass(frozen=True, slots=True, eq=False)
class Functions:
    """Functions by row; `id` as in the file, the others rows of strings and numbers."""

    id: NDArray[np.uint64]
    name: Rows
    system_name: Rows
    filename: Rows
    start_line: Int64

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True, eq=False)
class Mappings:
    """Binaries and where they were mapped."""

    id: NDArray[np.uint64]
    start: NDArray[np.uint64]
    limit: NDArray[np.uint64]
    offset: NDArray[np.uint64]
    filename: Rows
    build_id: Rows
    has: NDArray[np.uint8]
    """Bits: 1 functions, 2 filenames, 4 line numbers, 8 inline frames."""

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True, eq=False)
class Locations:
    """Program counters; the lines of location i are rows line_starts[i] to line_starts[i + 1] of the line columns."""

    id: NDArray[np.uint64]
    mapping: Rows
    """Row of mappings, -1 for none."""
    address: NDArray[np.uint64]
    folded: NDArray[np.bool_]
    line_starts: Int64
    line_function: Rows
    """Row of functions, -1 for none."""
    line_number: Int64
    line_column: Int64

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The labels of sample i are rows starts[i] to starts[i + 1]."""

    starts: Int64
    key: Rows
    text: Rows
    number: Int64
    unit: Rows

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A whole profile. `values` has a row a sample and a column a sample type; `frames` are location rows."""

    sample_types: tuple[ValueType, ...]
    values: Int64
    stack_starts: Int64
    frames: NDArray[np.unsignedinteger]
    """Location rows of all stacks, leaf first; the narrowest unsigned type that holds them."""
    labels: Labels
    locations: Locations
    functions: Functions
    mappings: Mappings
    strings: tuple[str, ...] | list[str]
    default_sample_type: str = ""
    period_type: ValueType = NO_TYPE
    period: int = 0
    time_nanos: int = 0
    duration_nanos: int = 0
    drop_frames: str = ""
    keep_frames: str = ""
    comments: tuple[str, ...] = ()
    doc_url: str = ""
    notes: tuple[str, ...] = field(default=())
    """What a reader had to mend or could not know, in words."""

    def __len__(self) -> int:
        """Returns the number of samples."""
        return len(self.values)

    @property
    def default_type(self) -> int:
        """The column that is shown when none is chosen: the profile's own default, else the last (as pprof does)."""
        for column, kind in enumerate(self.sample_types):
            if kind.type == self.default_sample_type:
                return column
        return len(self.sample_types) - 1

    def stack(self, sample: int) -> NDArray[np.unsignedinteger]:
        """Returns the location rows of one sample, leaf first."""
        return self.frames[self.stack_starts[sample] : self.stack_starts[sample + 1]]

    def function_names(self) -> list[str]:
        """Returns the name of every function row; the system name where there is no other."""
        strings = self.strings
        names = zip(self.functions.name.tolist(), self.functions.system_name.tolist(), strict=True)
        return [strings[name] or strings[system] for name, system in names]

    def take(self, samples: NDArray[np.integer] | NDArray[np.bool_], values: Int64 | None = None) -> Profile:
        """Returns the profile with only these samples (rows or a mask), in that order; `values` replaces theirs."""
        rows = (np.flatnonzero(samples) if samples.dtype == np.bool_ else samples).astype(np.int64)
        starts, frames = take_runs(self.stack_starts, rows)
        label_starts, labels = take_runs(self.labels.starts, rows)
        old = self.labels
        return replace(
            self,
            values=self.values[rows] if values is None else values,
            stack_starts=starts,
            frames=self.frames[frames],
            labels=Labels(label_starts, old.key[labels], old.text[labels], old.number[labels], old.unit[labels]),
        )


def take_runs(starts: Int64, rows: Int64) -> tuple[Int64, Int64]:
    """Returns the starts of the chosen runs laid end to end, and the index of each of their elements."""
    lengths = starts[1:][rows] - starts[:-1][rows]
    new = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=new[1:])
    index = np.repeat(starts[:-1][rows] - new[:-1], lengths)
    index += np.arange(len(index))
    return new, index
