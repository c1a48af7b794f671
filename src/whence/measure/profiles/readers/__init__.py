"""Readers: one file a format; bytes in, columns out, with NumPy alone.

    from whence.measure.profiles.readers import read
    profile = read("heap.pb.gz")

A damaged file raises `DamagedInput`, which has the byte offset and what was readable before it.
"""

from whence.measure.profiles.readers.damage import DamagedInput, UnknownFormat
from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.readers.reading import decompressed, read, read_profile

__all__ = ["DamagedInput", "Profile", "UnknownFormat", "decompressed", "read", "read_profile"]
