# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The aggregated discovery service (xDS), state of the world, over which Envoy gets its configuration."""
