"""The allocator of objects, by release: size classes, spans, caches, central lists, sweeping.

Entry points for an engine (all kernels; `allocator` is a `state.Allocator`, sizes in bytes, pages of 8 KiB):

- `state.new_allocator(heap, classes, processors=…)` makes an empty one over a page heap (`pages.state.new_heap`), with
  `versions.allocators.span_classes(version)`; `replaying.restore(recording)` one as a recording found it;
- `kernels_allocate.allocate(allocator, processor, span_class)` and
  `allocate_large(allocator, processor, pages, noscan)` return (address in words of 8 bytes from the first arena, bit
  index of the slot, flags REFILLED | GREW | LARGE);
  a collection's trigger is to be tested when REFILLED is set;
- `kernels_sweep.kill(allocator, slot)` notes a death. Call it between the end of marking and `start_sweep` for all
  objects that the collection did not mark: what is noted later takes effect in this collection's sweep if its span
  has not been swept yet, so hold deaths during sweeping back until the next collection;
- `kernels_allocate.begin_collection(allocator)` sweeps the rest (sweep termination), `start_sweep(allocator)` ends
  marking, then `flush_processor(allocator, p)` for each processor before it allocates again;
- `kernels_sweep.sweep_one(allocator)` is a step of the background sweeper (it takes 10 steps, then yields), -1 when all
  is swept; `pace_sweeper(allocator, trigger_bytes)` makes allocations sweep in proportion;
- counters are slots of `allocator.state` (`layout`): HEAP_LIVE counts as the runtime does, a refill for the whole
  span and corrected when the cache is emptied; MARKED_BYTES, PAGES_IN_USE, SPANS_IN_USE, COLLECTIONS, REFILLS, …; bytes
  in use, free, released and mapped are those of `allocator.heap.heap` (`pages.layout`).

`replaying.replay(recording)` plays a recorded stream (`inputs.importing`) and returns where everything was put.
"""
