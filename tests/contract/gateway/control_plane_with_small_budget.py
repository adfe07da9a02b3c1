# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The control plane, except that at least 10 retries are allowed and not 200: what is above is a share of the calls.

Run as ``argosy_gateway`` is: ``python -m tests.contract.gateway.control_plane_with_small_budget --fleet PATH``.
"""

import sys

from argosy_gateway.__main__ import main
from argosy_gateway.resources import clusters

if __name__ == "__main__":
    limits = vars(clusters)["_LIMITS"]
    limits["retryBudget"]["minRetryConcurrency"] = 10
    sys.exit(main())
