# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What Envoy is told, as a pure function of the fleet."""
