# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy_gateway.ads.admission import Admission, Refused, client_kind
from envoy.config.core.v3.base_pb2 import Node
from prometheus_client import CollectorRegistry, Gauge


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gRPC C-core linux Python", "grpc"),
        ("gRPC Go", "grpc"),
        ("grpc-java", "grpc"),
        ("envoy", "envoy"),
        ("", "envoy"),
    ],
)
def test_clients_are_told_apart_by_what_they_call_themselves(name: str, kind: str) -> None:
    assert client_kind(Node(user_agent_name=name)) == kind


def test_too_many_streams_of_one_kind_are_refused_and_keep_no_other_kind_out() -> None:
    admission = Admission(1, Gauge("streams", "Streams.", ["client"], registry=CollectorRegistry()))
    with admission.enter("grpc"):
        with pytest.raises(Refused, match="--max-ads-streams"), admission.enter("grpc"):
            pass
        with admission.enter("envoy"):
            pass
    with admission.enter("grpc"):
        pass
