# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The control plane, except that its routes have no retry policy: shows what retries are good for.

Run as ``argosy_gateway`` is: ``python -m tests.e2e.control_plane_without_retries --fleet PATH``.
"""

import sys
from typing import Any

from argosy_gateway.__main__ import main
from argosy_gateway.resources import proxyless, routes
from envoy.config.route.v3.route_components_pb2 import RetryPolicy


def no_retries(**_options: Any) -> RetryPolicy:
    """Stands for the gateway's policy."""
    return RetryPolicy()


if __name__ == "__main__":
    vars(routes)["retry_policy"] = vars(proxyless)["retry_policy"] = no_retries
    sys.exit(main())
