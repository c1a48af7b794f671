"""Files in Go benchmark format that were measured elsewhere: `whence compare old.txt new.txt`."""

from whence.measure.benchfiles.comparing import compare_files

__all__ = ["compare_files"]
