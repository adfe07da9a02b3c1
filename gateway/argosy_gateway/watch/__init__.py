# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Control planes watch every worker: its state comes in, wanted labels go out."""
