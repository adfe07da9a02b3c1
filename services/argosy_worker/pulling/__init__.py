# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models from elsewhere are copied into the worker's repository, whole and verified, before they are loaded."""
