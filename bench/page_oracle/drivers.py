"""The few lines of Go that differ by release: how a test reaches into the page allocator of that release.

The exported Free of the runtime's own tests tells the scavenger of 1.18 to 1.20 nothing about the freed pages; these
drivers go below it and free pages as the heap itself does.
"""

from __future__ import annotations

HEAD = "package runtime\n"

FREE = """
func PlayFree(p *PageAlloc, base, npages uintptr) {{
	pp := (*pageAlloc)(p)
	systemstack(func() {{
		lock(pp.mheapLock)
		pp.free(base, npages{scavenged})
		unlock(pp.mheapLock)
	}})
}}
"""
UNLOCKED_SCAVENGE = """
func PlayScavenge(p *PageAlloc, nbytes uintptr, forced bool) (r uintptr) {{
	pp := (*pageAlloc)(p)
	systemstack(func() {{ r = pp.scavenge(nbytes{more}) }})
	return
}}
"""
LOCKED_SCAVENGE = """
func PlayScavenge(p *PageAlloc, nbytes uintptr, forced bool) (r uintptr) {
	pp := (*pageAlloc)(p)
	systemstack(func() {
		lock(pp.mheapLock)
		r = pp.scavenge(nbytes, true)
		unlock(pp.mheapLock)
	})
	return
}
"""
GENERATION = """
func PlayGeneration(p *PageAlloc) {{
	pp := (*pageAlloc)(p)
	systemstack(func() {{
		lock(pp.mheapLock)
		{call}
		unlock(pp.mheapLock)
	}})
}}
"""


def driver(minor: int) -> str:
    """Returns the Go file for releases of 1.`minor` (14 to 27)."""
    free = FREE.format(scavenged=", false" if 18 <= minor <= 20 else "")
    if minor == 14:
        scavenge, generation = UNLOCKED_SCAVENGE.format(more=", true"), "pp.resetScavengeAddr()"
    elif minor <= 17:
        scavenge, generation = LOCKED_SCAVENGE, "pp.scavengeStartGen()"
    elif minor == 18:
        scavenge, generation = UNLOCKED_SCAVENGE.format(more=""), "pp.scavengeStartGen()"
    elif minor <= 20:
        scavenge, generation = UNLOCKED_SCAVENGE.format(more=", nil"), ""
    else:
        scavenge, generation = UNLOCKED_SCAVENGE.format(more=", nil, forced"), "pp.scav.index.nextGen()"
    return HEAD + free + scavenge + GENERATION.format(call=generation)
