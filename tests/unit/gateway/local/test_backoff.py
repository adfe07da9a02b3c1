# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.local.backoff import Backoff


def test_delays_double_from_half_a_second_to_ten() -> None:
    backoff = Backoff()
    assert [backoff.after(uptime_s=0.1) for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]


def test_a_healthy_run_starts_afresh() -> None:
    backoff = Backoff()
    backoff.after(0.1)
    backoff.after(0.1)
    assert backoff.after(30.0) == 0.5
    assert backoff.after(29.9) == 1.0
