# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.tabular.v1.TabularService``."""

from argosy.tabular.v1 import tabular_pb2 as pb

from argosy_worker.domains.tabular.codec import TabularCodec, prepare
from argosy_worker.lifecycle.domain import Call, Domain


async def predict(request: pb.PredictRequest, call: Call) -> pb.PredictResponse:
    """Predicts one result for each row or sequence."""
    codec: TabularCodec = call.codec
    size = request.ByteSize()
    features = await call.offload(codec.inputs, request, call.config.max_items, payload_bytes=size)
    outputs = await call.infer({codec.port.name: features})
    return pb.PredictResponse(predictions=codec.predictions(outputs, len(features)))


DOMAIN = Domain(
    name="tabular",
    service=pb.DESCRIPTOR.services_by_name["TabularService"],
    methods={"Predict": predict},
    prepare=prepare,
)
