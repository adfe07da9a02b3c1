# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""All tests here build manifests."""

import pytest

from tests.contract.manifests.rendered import WITHOUT_KUBECTL, has_kubectl


@pytest.fixture(scope="session", autouse=True)
def kubectl() -> None:
    """Skips what cannot be built here."""
    if not has_kubectl():
        pytest.skip(WITHOUT_KUBECTL)
