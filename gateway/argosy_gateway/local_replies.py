# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What Envoy's own failures look like to callers."""

from typing import Any


def local_reply_config() -> dict[str, Any]:
    return {}
