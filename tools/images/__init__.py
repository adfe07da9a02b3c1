# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``make images`` and ``make push``: container images with whatever builds them here. Standard library alone."""
