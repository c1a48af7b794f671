"""The page heaps in a few lines of plain Python: the specification of the kernels."""

from __future__ import annotations

PAGES_PER_CHUNK = 512


class ReferencePages:
    """The page allocator of 1.14 and later: first fit by address over one row of pages."""

    def __init__(self, chunks: int) -> None:
        self.used = [False] * (chunks * PAGES_PER_CHUNK)
        self.scavenged = [True] * len(self.used)

    def alloc(self, count: int) -> tuple[int, int]:
        run = 0
        for page, used in enumerate(self.used):
            run = 0 if used else run + 1
            if run == count:
                return page - count + 1, self.take(page - count + 1, count)
        return -1, 0

    def take(self, page: int, count: int) -> int:
        came_back = sum(self.scavenged[page : page + count])
        self.used[page : page + count] = [True] * count
        self.scavenged[page : page + count] = [False] * count
        return came_back

    def free(self, page: int, count: int) -> None:
        self.used[page : page + count] = [False] * count

    def fill_cache(self) -> tuple[int, list[int], list[int]]:
        """Returns (first page, free pages, scavenged pages) of the lowest aligned block of 64 with a free page."""
        if all(self.used):
            return 0, [], []
        base = self.used.index(False) // 64 * 64
        free = [page for page in range(base, base + 64) if not self.used[page]]
        scavenged = [page for page in free if self.scavenged[page]]
        for page in free:
            self.take(page, 1)
        return base, free, scavenged

    def summary(self, first: int, count: int) -> tuple[int, int, int]:
        """Returns the free pages at the start, in the longest run, and at the end of a range."""
        runs = "".join("#" if used else "." for used in self.used[first : first + count]).split("#")
        return len(runs[0]), max(map(len, runs)), len(runs[-1])


class ReferenceSpans:
    """The heaps of 1.0 to 1.13: free spans [page, pages, released, freed as number], found by the rule of an era."""

    def __init__(self, placement: str, lists: int) -> None:
        self.placement, self.lists, self.apart = placement, lists, placement in ("two-treaps", "address")
        self.free: list[list[int]] = []
        self.number = 0

    def find(self, count: int) -> list[int] | None:
        fits = [span for span in self.free if span[1] >= count]
        if not fits:
            return None
        if self.placement == "address":
            return min(fits)
        if self.placement == "two-treaps":
            return min(fits, key=lambda span: (span[1], span[2] > 0, span[0]))
        small = [span for span in fits if span[1] < self.lists]
        if small:
            return min(small, key=lambda span: (span[1], -span[3]))
        return min(fits, key=lambda span: (span[1], span[0]))

    def add(self, page: int, count: int, released: int) -> None:
        for span in list(self.free):
            joins = not self.apart or (span[2] > 0) == (released > 0)
            if joins and span[0] + span[1] == page:
                self.free.remove(span)
                page, count, released = span[0], count + span[1], released + span[2]
            elif joins and page + count == span[0]:
                self.free.remove(span)
                count, released = count + span[1], released + span[2]
        self.number += 1
        self.free.append([page, count, released, self.number])

    def alloc(self, count: int) -> int:
        span = self.find(count)
        if span is None:
            return -1
        self.free.remove(span)
        if span[1] > count:
            self.add(span[0] + count, span[1] - count, span[1] - count if self.apart and span[2] else 0)
        return span[0]
