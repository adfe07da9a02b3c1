# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How the inputs and outputs of a graph look in each domain."""
