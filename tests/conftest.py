"""For all tests: a run in the background (nohup, some CI services) inherits an ignored SIGINT; ours is the usual."""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
