# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The front: answers calls that belong to no single worker."""
