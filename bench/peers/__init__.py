# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Other servers on the same models and engine as ours. The modules named serve_* run in those servers' environments."""
