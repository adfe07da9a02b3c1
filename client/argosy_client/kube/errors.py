# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between an operator and a fleet on Kubernetes, in one line each."""

import re

#: How kubectl begins the line that says why it failed; before it there may be warnings and the client's own log.
_TELLING = ("error:", "Error from server", "The connection to the server", "Unable to connect to the server")
_NO_CLUSTER = (
    "The connection to the server",
    "Unable to connect to the server",
    "does not exist",  # a context
    "no configuration has been provided",
    "no such host",
    "connection refused",
    "i/o timeout",
    "error loading config file",
)
_SERVER = re.compile(r"^(?:Error from server(?: \(\w+\))?|error): ?")


class KubeError(Exception):
    """The cluster could not be asked, or refused; the text is one line that says why and what to do."""


class DisruptionRefused(KubeError):
    """A disruption budget does not allow that a pod goes now; it may later."""


class PodNotFound(KubeError):
    """There is no such pod."""


def explain(said: str) -> KubeError:
    """Makes an error of what kubectl wrote to standard error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    line = next((line for line in lines if line.startswith(_TELLING)), lines[-1] if lines else "it said nothing")
    text = _SERVER.sub("", line)
    if "(TooManyRequests)" in line:
        return DisruptionRefused(f"the cluster does not allow it now: {text}")
    if "(Forbidden)" in line or "(Unauthorized)" in line or "You must be logged in" in line:
        return KubeError(f"the cluster does not let you: {text}")
    if "(NotFound)" in line and "pods" in line:
        return PodNotFound(text)
    if any(sign in line for sign in _NO_CLUSTER):
        return KubeError(f"no cluster can be reached: {text}")
    return KubeError(f"kubectl: {text}")
