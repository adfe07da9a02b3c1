# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The controller of ``Model`` resources: applies them to workers, and tells the API server what came of it."""
