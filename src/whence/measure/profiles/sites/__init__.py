"""Which places of a program allocate, of which types, how much is rounding, and what no profile can split."""

from whence.measure.profiles.sites.analysis import sites
from whence.measure.profiles.sites.call_sites import program_of
from whence.measure.profiles.sites.tiny import RuntimeTotals

__all__ = ["RuntimeTotals", "program_of", "sites"]
