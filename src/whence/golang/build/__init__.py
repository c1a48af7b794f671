"""From a variant and a source to an executable in the cache, without touching the tree it is built from."""

from __future__ import annotations

from whence.golang.build.builder import Builder
from whence.golang.build.errors import BuildError, UnbuildableVariant
from whence.golang.build.nouns import Built, Source

__all__ = ["BuildError", "Builder", "Built", "Source", "UnbuildableVariant"]
