"""The laboratory: plans blocks, runs processes, reads them from outside, and keeps every run."""
