# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands of the gateway package for the ``argosy`` program."""
