# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Holds the Lease under which one controller of several is active, and counts its holders: that count is the epoch."""

import asyncio
import contextlib
import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from kubernetes import client
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from argosy_gateway.controller.api import NO_ANSWER
from argosy_gateway.latest import Latest

_log = logging.getLogger(__name__)

NAME = "argosy-controller"


@dataclass(frozen=True, slots=True)
class Times:
    """Times of an election, in seconds. The holder gives up well before others may take over."""

    duration_s: int = 15
    renew_deadline_s: int = 8
    retry_s: int = 2
    request_s: float = 3.0


class CountedLock(LeaseLock):  # type: ignore[misc]
    """The client's lock, which also counts holders, survives an API server that is away, and can be given back.

    Args:
        api: The client to use.
        namespace: Namespace of the Lease.
        identity: Name of this candidate; no other has it, be it an earlier process of the same pod.
        request_s: Longest time that one request may take, in seconds.
    """

    def __init__(self, api: client.ApiClient, namespace: str, identity: str, request_s: float) -> None:
        super().__init__(NAME, namespace, identity)
        self.api_instance = _Timed(client.CoordinationV1Api(api), request_s)
        self._given_back = threading.Event()

    @property
    def epoch(self) -> int:
        """The number of holders until now, this one included; 1 for the first."""
        return 1 + int(self.lease_reference.spec.lease_transitions or 0)

    def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """Reads the record; an API server that does not answer as one is an answer like any other."""
        try:
            found: tuple[bool, Any] = super().get(name, namespace)
        except NO_ANSWER as error:
            failure = client.ApiException(reason=str(error))
            failure.body = json.dumps({"code": 0})
            return False, failure
        if not found[0] and not _is_status(found[1].body):
            found[1].body = json.dumps({"code": found[1].status or 0})
        return found

    def create(self, name: str, namespace: str, election_record: Any) -> bool:
        """Makes the Lease."""
        with contextlib.suppress(*NO_ANSWER):
            return not self._given_back.is_set() and bool(super().create(name, namespace, election_record))
        return False

    def update(self, name: str, namespace: str, updated_record: Any) -> bool:
        """Takes or renews the Lease."""
        with contextlib.suppress(*NO_ANSWER):
            return not self._given_back.is_set() and bool(super().update(name, namespace, updated_record))
        return False

    def get_lease_spec(self, leader_election_record: Any, current_spec: Any = None) -> Any:
        """Writes a record as a Lease; a holder that is not the one before counts."""
        before = current_spec.holder_identity if current_spec else self.identity
        spec = super().get_lease_spec(leader_election_record, current_spec)
        if spec.holder_identity != before:
            spec.lease_transitions = (spec.lease_transitions or 0) + 1
        return spec

    def give_back(self) -> None:
        """Lets another candidate take the Lease at once."""
        self._given_back.set()
        try:
            lease = self.api_instance.read_namespaced_lease(self.name, self.namespace)
            if lease.spec and lease.spec.holder_identity == self.identity:
                lease.spec.holder_identity = ""
                self.api_instance.replace_namespaced_lease(self.name, self.namespace, lease)
        except (client.ApiException, *NO_ANSWER) as error:
            _log.warning("lease not given back, others wait until it ends", extra={"reason": str(error)})


class _Timed:
    """Gives each request of a client a time limit: the lock has no setting for it, and an election must not hang."""

    def __init__(self, api: Any, request_s: float) -> None:
        self._api = api
        self._request_s = request_s

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._api, name)
        return lambda *arguments, **named: method(*arguments, **named, _request_timeout=self._request_s)


class Leadership:
    """Takes part in the election, in a thread of its own.

    ``epoch`` is 0 while another holds the Lease, or nobody.
    """

    def __init__(self, lock: CountedLock, times: Times) -> None:
        self._lock = lock
        self._times = times
        self.epoch: Latest[int] = Latest(0)

    def start(self) -> None:
        """Begins. Call it on the event loop that follows the epoch."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._take_part, args=(loop,), name="lease", daemon=True).start()

    async def stop(self) -> None:
        """Gives the Lease back, if it is held."""
        if self.epoch.value:
            await asyncio.to_thread(self._lock.give_back)

    def _take_part(self, loop: asyncio.AbstractEventLoop) -> None:
        def tell(epoch: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self.epoch.set, epoch)

        config = electionconfig.Config(
            self._lock,
            lease_duration=self._times.duration_s,
            renew_deadline=self._times.renew_deadline_s,
            retry_period=self._times.retry_s,
            onstarted_leading=lambda: tell(self._lock.epoch),
            onstopped_leading=lambda: tell(0),
        )
        while not loop.is_closed():
            try:
                leaderelection.LeaderElection(config).run()
            except Exception:  # whatever it is, who does not renew the Lease must not go on as its holder
                _log.exception("election broken off")
                tell(0)
                time.sleep(self._times.retry_s)


def _is_status(body: Any) -> bool:
    try:
        return "code" in json.loads(body)
    except (TypeError, ValueError):
        return False
