# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One module for each domain: how its calls are built and read, and the two façades that send them."""
