# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Retries of calls that no worker has answered yet, within the clusters' retry budgets."""

from datetime import timedelta

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, RetryPolicy
from envoy.extensions.retry.host.previous_hosts.v3.previous_hosts_pb2 import PreviousHostsPredicate
from envoy.extensions.retry.priority.previous_priorities.v3.previous_priorities_config_pb2 import (
    PreviousPrioritiesConfig,
)
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import UInt32Value

from argosy_gateway.resources.matchers import packed

#: Envoy only warns about a token that it does not know, so a unit test checks these.
RETRY_ON = ("connect-failure", "refused-stream", "reset-before-request", "retriable-headers", "reset")


def retry_policy(*, distant: bool = False) -> RetryPolicy:
    """The one policy of all routes: another worker, once, so that a call that ends its worker ends two at most.

    Only workers that load or drain answer with ``argosy-retry: 1``: statuses that a caller can provoke cause no retry.

    ``distant`` says that some workers are used only where nearer ones are too few. The second attempt then goes to one
    of them: where a single near worker has the model, Envoy would choose that again while it counts as healthy.
    """
    return RetryPolicy(
        retry_priority=_OTHER_PRIORITY if distant else None,
        retry_on=",".join(RETRY_ON),
        num_retries=UInt32Value(value=1),
        retriable_headers=[HeaderMatcher(name="argosy-retry", string_match=StringMatcher(exact="1"))],
        retry_host_predicate=[
            RetryPolicy.RetryHostPredicate(
                name="envoy.retry_host_predicates.previous_hosts", typed_config=packed(PreviousHostsPredicate())
            )
        ],
        # Least-request balancing prefers an idle, dead worker: few attempts would keep choosing it.
        host_selection_retry_max_attempts=30,
        # Where several workers die at once, the control plane withdraws most of them before the one retry is made.
        retry_back_off=RetryPolicy.RetryBackOff(base_interval=_ms(50), max_interval=_ms(50)),
    )


_OTHER_PRIORITY = RetryPolicy.RetryPriority(
    name="envoy.retry_priorities.previous_priorities",
    typed_config=packed(PreviousPrioritiesConfig(update_frequency=1)),
)


def _ms(count: int) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(milliseconds=count))
    return duration
