# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Argosy's contract: protos with their generated stubs, and the few helpers that every program needs to speak it."""
