# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``make quality``: measures every demo model on its held-out samples, as callers of a running fleet would."""
