"""Which clusters there are, checked before anything is measured or computed; imports none of them."""

from __future__ import annotations

from importlib.util import find_spec

from whence.evidence.errors import BadInput

CLUSTERS = ("ray",)
INSTALL = 'pip install "whence[cluster]"'


class ClusterMissing(BadInput):
    """The library of a cluster is an extra, and not installed."""


def check(name: str) -> None:
    """Raises BadInput for a cluster nobody knows, ClusterMissing for one whose library is not installed."""
    if name not in CLUSTERS:
        raise BadInput(f"--cluster {name}: the only cluster known is ray. Write --cluster ray.")
    if find_spec(name) is None:
        raise ClusterMissing(f"--cluster ray needs Ray, which is not installed. Run: {INSTALL}")
