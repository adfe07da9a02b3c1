# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Renders one kind of reference table each."""
