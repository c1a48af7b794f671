"""The allocator's history, measured: one program under every release of Go since 1.2 on this machine."""
