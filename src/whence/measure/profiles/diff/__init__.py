"""Two sides of profiles held against each other: what differs beyond chance, what only moved, and by which roles.

from whence.measure.profiles.diff.diffing import diff
found = diff([read("before.pb.gz")], [read("after.pb.gz")])
"""
