# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How many workers a domain needs: measured, decided, told to KEDA, and begun from none."""
