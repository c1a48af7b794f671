"""Workers that are actors of a Ray cluster. Ray is imported here alone, and only when it was asked for.

What is shared is put once into the cluster's object store; every node fetches it once, and its workers map it there.
Losses are not left to Ray's own retries: an actor that died is reported like a process that died, so that one rule
holds for both, and whoever asked for the tasks learns which were begun in vain.
"""

from __future__ import annotations

import logging
import os
import pickle
import platform
import socket
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout, suppress
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

import numpy as np

from whence.evidence.errors import BadInput
from whence.measure.executing import clusters
from whence.measure.executing.crew import Death, Reply
from whence.measure.executing.sharing import packed, unpacked
from whence.measure.executing.tasks import Task, TaskFunction, WorkersUnusable, error_of
from whence.measure.executing.worker import answer, dumped, import_path

LOCAL = "local"
PATIENCE_S = 120.0
"""With no worker at all for so long, the cluster has no room."""
REACH_S = 5.0
MOST_FAILED_STARTS = 10
_POLL_S = 1.0


def import_ray() -> ModuleType:
    """Returns the module. Raises ClusterMissing."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report its use over the network
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    clusters.check("ray")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("ray")


class RayWorker:
    """The actor: loads function and shared object, then answers payloads."""

    def __init__(self, function: bytes, path: Sequence[str], parts: Sequence[np.ndarray]) -> None:
        self._function, self._path, self._parts = function, path, parts
        self._loaded: tuple[object, object] | None = None

    def load(self) -> bytes:
        """Returns pickled ((host, node, version of Whence), None), or (None, failure)."""

        def loading(parts: Any, _: object) -> tuple[str, str, str]:
            sys.path += [entry for entry in self._path if entry not in sys.path]
            self._loaded = pickle.loads(self._function), unpacked([memoryview(part) for part in parts])
            return platform.node(), import_ray().get_runtime_context().get_node_id(), version("whence")

        return dumped(answer(loading, self._parts, None))

    def work(self, payload: bytes) -> bytes:
        """Returns pickled (value, failure)."""
        assert self._loaded is not None
        return dumped(answer(*self._loaded, pickle.loads(payload)))


class _Member:
    """One actor as this side knows it."""

    def __init__(self, key: str, handle: Any, node: str | None) -> None:
        self.key, self.handle, self.node = key, handle, node
        self.host = ""
        self.loaded = False
        self.reference: Any = handle.load.remote()
        """What it is asked for now; None while it is idle."""


class RayCrew:
    """`Crew` on a cluster; see `open_executor`."""

    def __init__(
        self,
        function: TaskFunction,
        shared: object,
        *,
        workers: int | None = None,
        address: str | None = None,
        whole_hosts: bool = False,
    ) -> None:
        """Connects to nothing yet. Raises ClusterMissing, and BadInput for a number of workers below one."""
        if workers is not None and workers < 1:
            raise BadInput(f"--workers {workers}: at least one worker is needed.")
        self._ray: Any = import_ray()
        self._function, self._shared = function, shared
        self._most, self._address, self._whole_hosts = workers, address, whole_hosts
        self._members: dict[str, _Member] = {}
        self._names: dict[str, str] = {}
        """Of hosts, by the id of their node."""
        self._parts: Any = None
        self._owner = False
        self._redirected = ExitStack()
        self._count = 0
        self._failed_starts = 0
        self._alone_since = time.monotonic()

    @property
    def size(self) -> int:
        found = len(self._nodes()) if self._whole_hosts else int(self._ray.cluster_resources().get("CPU", 1))
        return max(1, found if self._most is None else min(found, self._most))

    def open(self) -> None:
        """Connects, starting a cluster on this host where none was named, and puts what is shared into its store.

        Until `close` what Ray prints goes to standard error: results alone belong on standard output.
        """
        self._redirected.enter_context(redirect_stdout(sys.stderr))
        if not self._ray.is_initialized():
            self._connect(self._address or os.environ.get("RAY_ADDRESS") or LOCAL)
        views = packed(self._shared, same_files=False)
        self._parts = self._ray.put([np.frombuffer(view, np.uint8) for view in views])
        self._alone_since = time.monotonic()

    def _connect(self, address: str) -> None:
        options: dict[str, Any] = {"num_cpus": self._most, "include_dashboard": False} if address == LOCAL else {}
        try:
            _check_reachable(address)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)
        except (OSError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200].rstrip(".")
            raise WorkersUnusable(
                f"no Ray cluster at {address} ({reason}). Start one with: ray start --head; "
                "then give --address HOST:6379."
            ) from error
        self._owner = True

    def idle(self, wanted: int) -> Sequence[str]:
        busy = sum(member.loaded and member.reference is not None for member in self._members.values())
        self._start(min(self.size, busy + wanted))
        return [m.key for m in self._members.values() if m.loaded and m.reference is None][:wanted]

    def _start(self, wanted: int) -> None:
        actor = self._ray.remote(RayWorker)
        if not self._whole_hosts:
            while len(self._members) < wanted:
                self._add(actor.options(num_cpus=1, scheduling_strategy="SPREAD", max_restarts=0), None)
            return
        affinity = import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy
        taken = {member.node for member in self._members.values()}
        for node in self._nodes():
            if node["NodeID"] not in taken and len(self._members) < wanted:
                strategy = affinity(node["NodeID"], soft=False)
                cpus = node["Resources"].get("CPU", 0)
                self._add(actor.options(num_cpus=cpus, scheduling_strategy=strategy, max_restarts=0), node["NodeID"])

    def _add(self, actor: Any, node: str | None) -> None:
        self._count += 1
        key = f"worker {self._count}"
        self._members[key] = _Member(key, actor.remote(pickle.dumps(self._function), import_path(), self._parts), node)

    def _nodes(self) -> list[dict[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]

    def give(self, worker: str, task: Task) -> None:
        member = self._members[worker]
        member.reference = member.handle.work.remote(pickle.dumps(task.payload, protocol=5))

    def wait(self) -> Sequence[Reply | Death]:
        asked = {m.reference: m for m in self._members.values() if m.reference is not None}
        if not asked:
            time.sleep(_POLL_S)
        ready, _ = self._ray.wait(list(asked), num_returns=1, timeout=_POLL_S) if asked else ([], [])
        happened = [self._hear(asked[reference]) for reference in ready]
        self._check_room()
        return [event for event in happened if event is not None]

    def _hear(self, member: _Member) -> Reply | Death | None:
        try:
            value, failure = pickle.loads(self._ray.get(member.reference))
        except self._ray.exceptions.RayError as error:
            return self._bury(member, error)
        member.reference = None
        if member.loaded:
            return Reply(member.key, value, failure)
        if failure is not None:
            raise error_of("starting a worker", failure)
        host, node, its_version = value
        if its_version != version("whence"):
            raise WorkersUnusable(
                f"host {host} has Whence {its_version}, this one {version('whence')}. Install the same on every host."
            )
        member.host, member.loaded, self._failed_starts = self._name(host, node), True, 0
        return None

    def _name(self, host: str, node: str) -> str:
        """Returns the name of a node's host; a second node of that name gets a number, so that none share one."""
        if node not in self._names:
            alike = sum(name == host or name.startswith(f"{host} #") for name in self._names.values())
            self._names[node] = f"{host} #{alike + 1}" if alike else host
        return self._names[node]

    def _bury(self, member: _Member, error: Exception) -> Death:
        del self._members[member.key]
        with suppress(Exception):
            self._ray.kill(member.handle)
        reason = f"{type(error).__name__} on {member.host or 'a host of the cluster'}"
        if not member.loaded:
            self._failed_starts += 1
            if self._failed_starts >= MOST_FAILED_STARTS:
                said = " ".join(str(error).split())[:200]
                raise WorkersUnusable(f"{self._failed_starts} workers in a row could not be started ({said}).")
            time.sleep(0.1 * self._failed_starts)
        return Death(member.key, reason)

    def _check_room(self) -> None:
        if any(member.loaded for member in self._members.values()):
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > PATIENCE_S:
            raise WorkersUnusable(
                f"no node of the cluster took a worker within {PATIENCE_S:g} s. See: ray status. Wait for what runs "
                "there, or add nodes."
            )

    def host_of(self, worker: str) -> str:
        return self._members[worker].host

    def abandon(self) -> None:
        for member in [m for m in self._members.values() if m.loaded and m.reference is not None]:
            self._end(member)

    def close(self) -> None:
        for member in list(self._members.values()):
            self._end(member)
        self._parts = None
        if self._owner:
            self._ray.shutdown()
            self._owner = False
        self._redirected.close()

    def _end(self, member: _Member) -> None:
        del self._members[member.key]
        with suppress(Exception):
            self._ray.kill(member.handle)


def _check_reachable(address: str) -> None:
    """Raises OSError where nobody listens at HOST:PORT: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), REACH_S).close()
