"""A profile as pprof's profile.proto, every field of it, ids as they were.

Source of the field numbers: google/pprof proto/profile.proto.
"""

from __future__ import annotations

import gzip

import numpy as np

from whence.measure.profiles.readers.profile import Profile, ValueType
from whence.measure.profiles.writers.messages import (
    Bytes,
    Part,
    field_of,
    flat,
    grouped,
    nested,
    packed,
    scalar,
    strings,
    utf8,
    varints,
)

_FRAMES_AT_ONCE = 1 << 20
"""How many frames are encoded together: as many as fit a cache and some more; more only costs memory."""


def write_pprof(profile: Profile, *, compress: bool = True) -> bytes:
    """Returns the profile as profile.proto, gzip-compressed unless told otherwise.

    Reading it again gives the same profile, to the integer; only texts of the header may stand at other rows of the
    string table.
    """
    pieces: list[bytes] = []
    table = _Strings(list(profile.strings))
    for kind in profile.sample_types:
        pieces.append(field_of(1, table.value_type(kind)))
    pieces.extend(_samples(profile))
    pieces.append(_mappings(profile))
    pieces.append(_locations(profile))
    pieces.append(_functions(profile))
    header = _header(profile, table)
    pieces.append(strings(6, [utf8(text) for text in table.texts]))
    pieces.append(header)
    content = b"".join(pieces)
    return gzip.compress(content, 1, mtime=0) if compress else content


class _Strings:
    """The string table, growing by what only the header says."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts or [""]
        self._rows = {text: row for row, text in reversed(list(enumerate(self.texts)))}

    def row(self, text: str) -> int:
        if text not in self._rows:
            self._rows[text] = len(self.texts)
            self.texts.append(text)
        return self._rows[text]

    def value_type(self, kind: ValueType) -> bytes:
        return field_of(1, self.row(kind.type)) + field_of(2, self.row(kind.unit))


def _header(profile: Profile, table: _Strings) -> bytes:
    pieces = [
        field_of(7, table.row(profile.drop_frames)),
        field_of(8, table.row(profile.keep_frames)),
        field_of(9, profile.time_nanos),
        field_of(10, profile.duration_nanos),
    ]
    if any(profile.period_type):
        pieces.append(field_of(11, table.value_type(profile.period_type)))
    pieces.append(field_of(12, profile.period))
    # One field a comment: a list without its zeros would lose empty comments.
    pieces += [field_of(13, table.row(text)) or b"\x68\x00" for text in profile.comments]
    pieces.append(field_of(14, table.row(profile.default_sample_type)))
    pieces.append(field_of(15, table.row(profile.doc_url)))
    return b"".join(pieces)


def _samples(profile: Profile) -> list[bytes]:
    """Returns the samples, some thousands a piece."""
    ids = varints(profile.locations.id)
    width = int(ids.lengths.max(initial=1))
    kept = np.arange(width) < ids.lengths[:, None]
    encoded = np.zeros((len(ids.lengths), width), np.uint8)
    encoded[kept] = ids.content
    pieces: list[bytes] = []
    first, count = 0, len(profile)
    while first < count:
        last = int(np.searchsorted(profile.stack_starts, profile.stack_starts[first] + _FRAMES_AT_ONCE, "right")) - 1
        last = min(max(last, first + 1), count, first + _FRAMES_AT_ONCE)
        pieces.append(_some_samples(profile, first, last, encoded, kept))
        first = last
    return pieces


def _some_samples(profile: Profile, first: int, last: int, encoded: Bytes, kept: np.ndarray) -> bytes:
    starts = profile.stack_starts[first : last + 1]
    frames = profile.frames[starts[0] : starts[-1]]
    # An id is written many times: its bytes are looked up, not worked out again.
    present = kept[frames]
    locations = Part(np.count_nonzero(present, axis=1).astype(np.int64), encoded[frames][present])
    values = profile.values[first:last]
    value_starts = np.arange(len(values) + 1, dtype=np.int64) * values.shape[1]
    body = packed(1, starts - starts[0], locations) + packed(2, value_starts, values.ravel())
    labels = profile.labels
    if len(labels):
        label_starts = labels.starts[first : last + 1]
        rows = slice(label_starts[0], label_starts[-1])
        label = scalar(1, labels.key[rows]) + scalar(2, labels.text[rows])
        label += scalar(3, labels.number[rows]) + scalar(4, labels.unit[rows])
        body.append(grouped(label_starts - label_starts[0], nested(3, label)))
    return _bytes(nested(2, body))


def _mappings(profile: Profile) -> bytes:
    mappings = profile.mappings
    body = scalar(1, mappings.id) + scalar(2, mappings.start) + scalar(3, mappings.limit) + scalar(4, mappings.offset)
    body += scalar(5, mappings.filename) + scalar(6, mappings.build_id)
    for bit in range(4):
        body += scalar(7 + bit, mappings.has >> bit & 1)
    return _bytes(nested(3, body))


def _locations(profile: Profile) -> bytes:
    locations = profile.locations
    lines = scalar(1, _ids(profile.functions.id, locations.line_function))
    lines += scalar(2, locations.line_number) + scalar(3, locations.line_column)
    body = scalar(1, locations.id) + scalar(2, _ids(profile.mappings.id, locations.mapping))
    body += scalar(3, locations.address)
    body.append(grouped(locations.line_starts, nested(4, lines)))
    body += scalar(5, locations.folded.astype(np.int64))
    return _bytes(nested(4, body))


def _functions(profile: Profile) -> bytes:
    functions = profile.functions
    body = scalar(1, functions.id) + scalar(2, functions.name) + scalar(3, functions.system_name)
    body += scalar(4, functions.filename) + scalar(5, functions.start_line)
    return _bytes(nested(5, body))


def _ids(ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns the id of each row, 0 for none (-1)."""
    return np.append(ids, np.uint64(0))[rows]


def _bytes(parts: list[Part]) -> bytes:
    return flat(parts).content.tobytes()
