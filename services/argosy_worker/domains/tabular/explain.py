# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``Explain``: which features a prediction rests on, judged against ordinary rows."""

from typing import Any

import numpy as np
from argosy.common.v1.explanation_pb2 import Rendering, RenderingFormat
from argosy.tabular.v1 import tabular_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain import explaining, pictures
from argosy_worker.domains._shared.explain.game import Fillers, Game, Masks
from argosy_worker.domains.tabular.background import MOST_ROWS
from argosy_worker.domains.tabular.codec import TabularCodec
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call
from argosy_worker.repository.sections.base import ExplainSection

_METHODS: dict[str, explaining.Method] = {"shapley": "shapley"}
_PICTURES = frozenset({RenderingFormat.RENDERING_FORMAT_PNG})


async def explain(request: pb.ExplainRequest, call: Call) -> pb.ExplainResponse:
    """Explains a prediction by the features of its row."""
    codec: TabularCodec = call.codec
    options = request.options
    explaining.chosen_method(options, _METHODS)
    rendering = explaining.chosen_rendering(options, _PICTURES)
    size = request.ByteSize() + (0 if codec.background is None else codec.background.nbytes)
    item, background, varying = await call.offload(_inputs, codec, request, payload_bytes=size)
    limits = call.config.tabular.explain if call.config.tabular else ExplainSection()
    # What it costs is looked at before the model runs for the first time.
    explaining.planned(options, "shapley", len(varying), len(background), limits)
    target, score = codec.results.target(options.target, await call.infer_behind(codec.inputs(item)))

    def inputs(masks: Masks, fillers: Fillers) -> Tensors:
        made = background[fillers]
        kept = np.zeros((len(masks), item.shape[-1]), bool)
        kept[:, varying] = masks
        np.copyto(made, item, where=kept if made.ndim == 2 else kept[:, None, :])
        return codec.inputs(made)

    game = Game(call, len(varying), inputs, score, fillers=len(background), item_bytes=item.nbytes)
    found = await explaining.explain(game, options, _METHODS, target, limits)
    attributions = np.zeros(item.shape[-1])
    attributions[varying] = found.attributions
    names = codec.features.names
    if rendering:
        summary = found.summary
        title = f"{target}: {summary.value:.4g}, and {summary.base_value:.4g} without these features"
        png = await call.offload(pictures.bars, title, names, attributions, payload_bytes=1 << 20)
        summary.rendering.CopyFrom(Rendering(media_type=pictures.PNG, data=png))
    features = [
        pb.FeatureAttribution(feature=name, attribution=value)
        for name, value in zip(names, attributions.tolist(), strict=True)
    ]
    return pb.ExplainResponse(summary=found.summary, features=features)


def _inputs(codec: TabularCodec, request: pb.ExplainRequest) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.intp]]:
    """The item [1, ...] that is explained, and the background [rows, ...], of the graph's type.

    Also the features in which any row of the background differs from the item: no other can have a part in anything.

    Raises:
        InvalidInput: as of Predict; BACKGROUND_MISSING; SHAPE_MISMATCH also where both differ in their timesteps.
    """
    predict = pb.PredictRequest(
        rows=[request.row] if request.HasField("row") else [],
        tensor=request.tensor if request.HasField("tensor") else None,
    )
    item = codec.items(predict, 1).features
    background = codec.background
    if request.HasField("background"):
        sent = codec.features.read_tensor(request.background, "background", MOST_ROWS)
        background = codec.typed(codec.features.checked(sent))
    elif background is None:
        raise InvalidInput(
            f"no background is stored with this model; set background to ordinary rows, {codec.features.shape_text()}",
            reason="BACKGROUND_MISSING",
        )
    if background.shape[1:] != item.shape[1:]:
        raise InvalidInput(
            f"the background's rows have the shape {list(background.shape[1:])}, and what is explained has "
            f"{list(item.shape[1:])}: send a background of the same length",
            reason="SHAPE_MISMATCH",
            metadata={"field": "background"},
        )
    background = codec.typed(background)
    return item, background, np.flatnonzero((item != background).reshape(-1, item.shape[-1]).any(axis=0))
