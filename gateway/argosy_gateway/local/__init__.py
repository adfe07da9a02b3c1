# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A fleet on one machine: the control plane, Envoy and the workers as processes under one supervisor."""
