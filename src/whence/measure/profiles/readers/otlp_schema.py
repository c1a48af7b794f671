"""Where OpenTelemetry's profiles keep what: the one place that follows their schema while it changes.

Reader and writer know the shape (tables that refer to one another by index, whose entry 0 stands for nothing); the
numbers and names are here. Source: opentelemetry-proto 1.10, profiles/v1development/profiles.proto and
common/v1/common.proto; the attribute names are those of the semantic conventions' registry, "pprof" and "process".
"""

from __future__ import annotations

from enum import IntEnum


class Data(IntEnum):
    """ProfilesData; the export request of the collector has the same."""

    RESOURCES = 1
    DICTIONARY = 2


class Resource(IntEnum):
    """ResourceProfiles."""

    RESOURCE = 1
    SCOPES = 2


class Scope(IntEnum):
    """ScopeProfiles, and within its scope InstrumentationScope."""

    SCOPE = 1
    PROFILES = 2
    SCOPE_NAME = 1
    SCOPE_ATTRIBUTES = 3


class Dictionary(IntEnum):
    """ProfilesDictionary."""

    MAPPINGS = 1
    LOCATIONS = 2
    FUNCTIONS = 3
    LINKS = 4
    STRINGS = 5
    ATTRIBUTES = 6
    STACKS = 7


class Profile(IntEnum):
    SAMPLE_TYPE = 1
    SAMPLES = 2
    TIME_UNIX_NANO = 3
    DURATION_NANO = 4
    PERIOD_TYPE = 5
    PERIOD = 6
    ATTRIBUTES = 11


class ValueType(IntEnum):
    TYPE = 1
    UNIT = 2


class Sample(IntEnum):
    STACK = 1
    ATTRIBUTES = 2
    LINK = 3
    VALUES = 4
    TIMESTAMPS = 5


class Stack(IntEnum):
    LOCATIONS = 1


class Mapping(IntEnum):
    START = 1
    LIMIT = 2
    OFFSET = 3
    FILENAME = 4
    ATTRIBUTES = 5


class Location(IntEnum):
    MAPPING = 1
    ADDRESS = 2
    LINES = 3
    ATTRIBUTES = 4


class Line(IntEnum):
    FUNCTION = 1
    LINE = 2
    COLUMN = 3


class Function(IntEnum):
    NAME = 1
    SYSTEM_NAME = 2
    FILENAME = 3
    START_LINE = 4


class Attribute(IntEnum):
    """KeyValueAndUnit, an entry of the dictionary."""

    KEY = 1
    VALUE = 2
    UNIT = 3


class KeyValue(IntEnum):
    """An attribute of a scope or resource, which spells its key out."""

    KEY = 1
    VALUE = 2


class Value(IntEnum):
    """AnyValue, and within its array ArrayValue."""

    STRING = 1
    BOOL = 2
    INT = 3
    DOUBLE = 4
    ARRAY = 5
    STRING_ROW = 8
    ARRAY_VALUES = 1


HAS = (
    "pprof.mapping.has_functions",
    "pprof.mapping.has_filenames",
    "pprof.mapping.has_line_numbers",
    "pprof.mapping.has_inline_frames",
)
"""In the order of the bits of Mappings.has."""
FOLDED = "pprof.location.is_folded"
BUILD_ID_GNU, BUILD_ID_GO = "process.executable.build_id.gnu", "process.executable.build_id.go"
COMMENT, DOC_URL = "pprof.profile.comment", "pprof.profile.doc_url"
DROP_FRAMES, KEEP_FRAMES = "pprof.profile.drop_frames", "pprof.profile.keep_frames"
DEFAULT_SAMPLE_TYPE = "pprof.scope.default_sample_type"
