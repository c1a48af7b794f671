"""Page heaps of the Go runtime by release: where runs of 8 KiB (earlier 4 KiB) pages are placed and what they cost."""
