# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The Lease under which one controller of several is active; it counts its holders, and that count is the epoch."""

import contextlib
import json
import logging
import threading
from dataclasses import dataclass
from typing import Any

from kubernetes import client
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from argosy_gateway.controller.api import NO_ANSWER

_log = logging.getLogger(__name__)

NAME = "argosy-controller"
#: Highest epoch above which another is put, so that a number which somebody has made up leaves room for the next ones:
#: a Lease counts up to twice as far.
MOST = 1 << 30


@dataclass(frozen=True, slots=True)
class Times:
    """Times of an election, in seconds. The holder gives up well before others may take over."""

    duration_s: int = 15
    renew_deadline_s: int = 8
    retry_s: int = 2
    request_s: float = 3.0


class CountedLock(LeaseLock):  # type: ignore[misc]
    """The client's lock, which also counts holders, survives an API server that is away, and can be given back.

    Whoever makes the Lease anew, since somebody has deleted it, counts on from what it knows of it.

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
        self._highest = 0
        self.least = 1
        """Least epoch under which the Lease is taken or renewed."""

    @property
    def epoch(self) -> int:
        """The number of holders until now, this one included, but at least what was demanded; 1 for the first."""
        return 1 + int(self.lease_reference.spec.lease_transitions or 0)

    def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """Reads the record; an API server that does not answer as one is an answer like any other."""
        try:
            found: tuple[bool, Any] = super().get(name, namespace)
        except NO_ANSWER as error:
            failure = client.ApiException(reason=str(error))
            failure.body = json.dumps({"code": 0})
            return False, failure
        if found[0]:
            self._note()
        elif not _is_status(found[1].body):
            found[1].body = json.dumps({"code": found[1].status or 0})
        return found

    def create(self, name: str, namespace: str, election_record: Any) -> bool:
        """Makes the Lease."""
        with contextlib.suppress(*NO_ANSWER):
            return not self._given_back.is_set() and super().create(name, namespace, election_record) and self._note()
        return False

    def update(self, name: str, namespace: str, updated_record: Any) -> bool:
        """Takes or renews the Lease."""
        with contextlib.suppress(*NO_ANSWER):
            return not self._given_back.is_set() and super().update(name, namespace, updated_record) and self._note()
        return False

    def get_lease_spec(self, leader_election_record: Any, current_spec: Any = None) -> Any:
        """Writes a record as a Lease; a holder that is not the one before counts."""
        count = self._highest  # of one that is made
        if current_spec:
            another = current_spec.holder_identity != leader_election_record.holder_identity
            count = (current_spec.lease_transitions or 0) + another
        spec = super().get_lease_spec(leader_election_record, current_spec)
        spec.lease_transitions = max(count, self.least - 1)
        return spec

    def _note(self) -> bool:
        """Takes note of the epoch that was read or written; always true."""
        self._highest = max(self._highest, self.epoch)
        return True

    def renounce(self) -> None:
        """Takes or renews the Lease no more."""
        self._given_back.set()

    def give_back(self) -> None:
        """Lets another candidate take the Lease at once."""
        self.renounce()
        try:
            lease = self.api_instance.read_namespaced_lease(self.name, self.namespace)
            if lease.spec and lease.spec.holder_identity == self.identity:
                lease.spec.holder_identity = ""
                self.api_instance.replace_namespaced_lease(self.name, self.namespace, lease)
        except (client.ApiException, *NO_ANSWER) as error:
            reason = " ".join(str(error).split())
            _log.warning("lease not given back, others wait until it ends", extra={"reason": reason})


class _Timed:
    """Gives each request of a client a time limit: the lock has no setting for it, and an election must not hang."""

    def __init__(self, api: Any, request_s: float) -> None:
        self._api = api
        self._request_s = request_s

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._api, name)
        return lambda *arguments, **named: method(*arguments, **named, _request_timeout=self._request_s)


def _is_status(body: Any) -> bool:
    try:
        return "code" in json.loads(body)
    except (TypeError, ValueError):
        return False
