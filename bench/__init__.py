# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: ratios measured in one run, each with the command that reproduces it."""
