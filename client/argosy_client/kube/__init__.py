# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A fleet on Kubernetes, reached as an operator reaches it: by ``kubectl``, with the operator's rights."""
