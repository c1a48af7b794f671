"""Which part of the lab runs a subject: programs to their end, servers under load."""

from __future__ import annotations

import msgspec

from whence.evidence.subject import Subject
from whence.measure.lab.launch import Launch, ProcessRecord, Runner, RunOptions


def runner_of(subject: Subject) -> Runner:
    """Returns what runs one launch of this subject and reads it."""
    from whence.measure.lab.process import run_process
    from whence.measure.lab.service import run_service

    if subject.load is not None:
        return run_service

    def run(launch: Launch, options: RunOptions) -> ProcessRecord:
        if launch.exit_stop is not None:
            options = msgspec.structs.replace(options, exit_stop=launch.exit_stop)
        return run_process(launch, options)

    return run
