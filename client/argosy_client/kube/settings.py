# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of ``argosy --kube``, all in one place; it imports nothing, since every run of the command line reads it."""

#: Namespace of a fleet on Kubernetes where none is named.
DEFAULT_NAMESPACE = "argosy-system"
#: Environment variable that holds the namespace for ``argosy --kube``.
NAMESPACE_VARIABLE = "ARGOSY_KUBE_NAMESPACE"
#: Environment variable that holds the context of the kubectl configuration for it.
CONTEXT_VARIABLE = "ARGOSY_KUBE_CONTEXT"
#: Time for one answer of a cluster to kubectl, in seconds.
KUBECTL_TIMEOUT_S = 30.0
