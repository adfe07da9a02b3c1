# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Argosy's control plane: configures Envoy and answers what belongs to no single worker."""
