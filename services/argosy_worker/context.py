# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Who asks, and how long they will wait: built once at the edge, then travels with the work."""

from collections.abc import Iterable
from typing import NamedTuple

from argosy_worker.scheduling.trace import Trace
from argosy_worker.scheduling.work import DEFAULT_PRIORITY, LOWEST_PRIORITY, SHADOW_PRIORITY, SHADOW_TENANT, Terms

#: Metadata by which a caller, or the gateway on its behalf, says more than the message does.
MODEL_KEY = "x-model"
VERSION_KEY = "argosy-version"
REQUEST_ID_KEY = "x-request-id"
TENANT_KEY = "argosy-tenant"
API_KEY_KEY = "argosy-key"
PLAN_KEY = "argosy-plan"
SCOPES_KEY = "argosy-scopes"
PRIORITY_KEY = "argosy-priority"
SHADOW_KEY = "argosy-shadow"
#: Set by gRPC itself on a call that it makes again.
ATTEMPTS_KEY = "grpc-previous-rpc-attempts"

MAX_PRIORITY = LOWEST_PRIORITY


class RequestContext(NamedTuple):
    """Facts about one call, fixed when it arrives."""

    request_id: str = ""
    tenant: str = ""
    key: str = ""
    plan: str = ""
    scopes: tuple[str, ...] = ()
    priority: int = DEFAULT_PRIORITY
    """From 1 (first) to 9 (last)."""
    shadow: bool = False
    """A copy of a call: never billed, cached or counted as a call, and served last."""
    deadline: float | None = None
    """On the monotonic clock, in seconds; None where the caller set none."""
    model: str = ""
    """The model that the metadata names."""
    version: str = ""
    """The version that the metadata asks for."""
    again: bool = False
    """Whether gRPC made it before, without success."""
    trace: Trace | None = None
    """What is noted of the call; None where it is not traced."""

    def wanted_version(self, named: str) -> str:
        """Returns the version that a call means, whose message names ``named`` or nothing.

        The message comes first, except in a copy of a call: that was made to try the version in the metadata.
        """
        return self.version if self.shadow else named or self.version

    @property
    def terms(self) -> Terms:
        """What the scheduler needs to know of it."""
        if self.shadow:
            return Terms(self.deadline, SHADOW_TENANT, SHADOW_PRIORITY, self.trace)
        return Terms(self.deadline, self.tenant, self.priority, self.trace)


def tenant_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Reads no more of a call's metadata than whose it is; see :func:`build`."""
    tenant = ""
    for key, value in metadata:
        if key == TENANT_KEY and isinstance(value, str):
            tenant = value
    return tenant


def build(metadata: Iterable[tuple[str, str | bytes]], deadline: float | None) -> RequestContext:
    """Reads a call's metadata. Unusable values of optional keys count as absent."""
    found = {key: value for key, value in metadata if key in _KEYS and isinstance(value, str)}
    if found.keys() <= _COMMON:  # what callers from outside can say; told apart since it is nearly every call
        return RequestContext(found.get(REQUEST_ID_KEY, ""), deadline=deadline, model=found.get(MODEL_KEY, ""))
    priority = found.get(PRIORITY_KEY, "")
    return RequestContext(
        request_id=found.get(REQUEST_ID_KEY, ""),
        tenant=found.get(TENANT_KEY, ""),
        key=found.get(API_KEY_KEY, ""),
        plan=found.get(PLAN_KEY, ""),
        scopes=tuple(found[SCOPES_KEY].split()) if SCOPES_KEY in found else (),
        priority=int(priority) if priority in _PRIORITIES else DEFAULT_PRIORITY,
        shadow=found.get(SHADOW_KEY) == "1",
        deadline=deadline,
        model=found.get(MODEL_KEY, ""),
        version=found.get(VERSION_KEY, ""),
        again=ATTEMPTS_KEY in found,
    )


_COMMON = {MODEL_KEY, REQUEST_ID_KEY}
_KEYS = frozenset(
    (*_COMMON, VERSION_KEY, TENANT_KEY, API_KEY_KEY, PLAN_KEY, SCOPES_KEY, PRIORITY_KEY, SHADOW_KEY, ATTEMPTS_KEY)
)
_PRIORITIES = frozenset(str(number) for number in range(1, MAX_PRIORITY + 1))
