# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What each program asks of the API server, in its namespace. Tests hold the Roles against it, both ways."""

from typing import NamedTuple

LEASE = "argosy-controller"


class Right(NamedTuple):
    """A verb that an account may use on a kind, or on the one object of it that has a name."""

    verb: str
    group: str
    resource: str
    name: str = ""


#: discovery/kubernetes: where the workers are, and what they are to serve.
_READ = frozenset(
    {
        *(Right(verb, "discovery.k8s.io", "endpointslices") for verb in ("list", "watch")),
        *(Right(verb, "argosy.dev", "models") for verb in ("list", "watch")),
    }
)
_WRITTEN = frozenset(
    {
        # controller/api.py: the finalizer and what a canary loses, the status, events.
        Right("patch", "argosy.dev", "models"),
        Right("patch", "argosy.dev", "models/status"),
        Right("create", "", "events"),
        # controller/lease.py; no name can be demanded of what is created.
        Right("create", "coordination.k8s.io", "leases"),
        *(Right(verb, "coordination.k8s.io", "leases", LEASE) for verb in ("get", "update")),
    }
)
#: By account; those of the same name as the Role and the program.
USED = {"control-plane": _READ, "controller": _READ | _WRITTEN}
