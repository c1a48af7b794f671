"""What the simulator of each release knows exactly, what it models, what it does not know, and its measured errors."""
