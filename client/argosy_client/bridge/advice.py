# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which argument of which exporter to change."""

from collections.abc import Mapping
from string import Template

from argosy_client.bridge.graph import Graph

#: Exporters by the keys of the advice.
EXPORTERS: Mapping[str, str] = {
    "pytorch": "PyTorch",
    "sklearn": "scikit-learn",
    "keras": "Keras",
    "onnxmltools": "LightGBM, XGBoost (onnxmltools)",
    "huggingface": "Hugging Face (optimum)",
}
#: Beginnings of the producer that a graph names, in lower case.
_PRODUCERS = {"pytorch": "pytorch", "skl2onnx": "sklearn", "tf2onnx": "keras", "keras": "keras", "jax2onnx": "keras"}
_PRODUCERS |= {"onnxmltools": "onnxmltools", "optimum": "huggingface"}

_DYNAMIC: dict[str, str] = {
    "pytorch": "torch.onnx.export(model, (x,), 'model.onnx', dynamo=True, dynamic_shapes=({0: 'batch'},)), with an "
    "example x of 2 items or more; for the older exporter dynamic_axes={'input': {0: 'batch'}, 'output': {0: 'batch'}}",
    "sklearn": "to_onnx(model, initial_types=[('input', FloatTensorType([None, FEATURES]))]): None is the batch",
    "keras": "model.export('model.onnx', format='onnx', input_signature=[keras.InputSpec(shape=(None, ...), "
    "dtype='float32')]); for tf2onnx a tf.TensorSpec whose shape begins with None",
    "onnxmltools": "convert_lightgbm(model, initial_types=[('input', FloatTensorType([None, FEATURES]))]): None is the "
    "batch",
    "huggingface": "optimum-cli export onnx without --batch_size and --no-dynamic-axes",
}
_OPSET: Mapping[str, str] = {
    "pytorch": "torch.onnx.export(..., opset_version=$opset)",
    "sklearn": "to_onnx(..., target_opset={'': $opset, 'ai.onnx.ml': 3})",
    "keras": "model.export(..., format='onnx', opset_version=$opset); for tf2onnx opset=$opset",
    "onnxmltools": "convert_lightgbm(..., target_opset=$opset)",
    "huggingface": "optimum-cli export onnx --opset $opset",
}
_ADVICE: Mapping[str, Mapping[str, str]] = {
    "BATCH_FIXED": _DYNAMIC,
    "BATCH_IGNORED": _DYNAMIC
    | {
        "pytorch": "in the model's code, take the batch from the tensor: x.flatten(1) or x.reshape(x.shape[0], -1) "
        "instead of x.view(1, -1); no int(...) and no Python loop over it; then " + _DYNAMIC["pytorch"]
    },
    "ITEMS_MIX": {
        "pytorch": "call model.eval() before torch.onnx.export, so that BatchNorm uses what it has learned; no "
        "statistics over dimension 0 in the model's code",
        "keras": "call layers with training=False",
    },
    "BATCH_NOT_FIRST": {
        "pytorch": "nn.LSTM(..., batch_first=True), nn.MultiheadAttention(..., batch_first=True), or x.transpose(0, 1) "
        "at the model's start and end; then " + _DYNAMIC["pytorch"],
        "keras": "keras.layers.RNN and LSTM with time_major=False, which is the default",
    },
    "NO_BATCH": {
        "pytorch": "return one row for each item, and no mean or sum over the batch: logits instead of a loss",
        "sklearn": _DYNAMIC["sklearn"],
        "keras": "return one row for each item; no reduction over axis 0",
    },
    "NOT_TENSORS": {
        "sklearn": "to_onnx(model, X[:1].astype(np.float32), options={'zipmap': False}); for a pipeline or a "
        "classifier inside one options={id(model): {'zipmap': False}}",
        "onnxmltools": "convert_lightgbm(model, initial_types=..., zipmap=False)",
        "pytorch": "return a tensor or a tuple of tensors from forward; no dict, list or optional one",
        "keras": "a model whose outputs are tensors",
        "huggingface": "export with use_cache=False (no past_key_values)",
    },
    "TEXT_OUTPUTS": {
        "sklearn": "nothing has to change: 'probabilities' is served with the names of the classes; to leave the texts "
        "out, train on class numbers and keep their names in labels.txt beside the graph",
        "onnxmltools": "train on class numbers and keep their names in labels.txt beside the graph",
    },
    "COLUMNS_APART": {
        "sklearn": "to_onnx(model, X.to_numpy(np.float32)[:1]), or initial_types=[('input', FloatTensorType([None, "
        "FEATURES]))]: an array instead of a table with named columns; put the names into features.txt",
        "keras": "one keras.Input((FEATURES,)) that the model splits, instead of one for each column",
    },
    "TEXT_INPUTS": {
        "sklearn": "encode texts before the export, or serve the model by its tensors (BYTES)",
    },
    "CUSTOM_OPERATORS": {
        "pytorch": "register a translation of the operator: torch.onnx.export(..., custom_translation_table={...}); or "
        "use a standard module instead of it; operator_export_type must be ONNX, never ONNX_ATEN_FALLBACK",
        "sklearn": "register a converter that is made of standard operators: skl2onnx.update_registered_converter",
        "keras": "tf2onnx: leave out --custom-ops and TensorFlow's own operators (StringSplit, hash tables): keep "
        "preprocessing out of the graph",
        "huggingface": "optimum-cli export onnx without --optimize: its fused operators belong to one runtime",
    },
    "OPSET_TOO_NEW": _OPSET,
    "IR_TOO_NEW": {
        "pytorch": "model = onnx.load('model.onnx'); model.ir_version = $ir; onnx.save(model, 'model.onnx'), with a "
        "graph of opset $opset or below"
    },
    "FP16_INPUTS": {
        "pytorch": "export in FP32, then onnxruntime.transformers.float16.convert_float_to_float16(model, "
        "keep_io_types=True); 'argosy optimize' does it",
        "keras": "keras.config.set_floatx('float32') for the export",
        "huggingface": "optimum-cli export onnx --dtype fp32",
    },
    "CHANNELS_LAST": {
        "keras": "nothing has to change: layout is NHWC in model.yaml; for tf2onnx inputs_as_nchw=['input'] gives NCHW",
        "pytorch": "nothing has to change: layout is NHWC in model.yaml",
    },
    "WEIGHTS_MISSING": {
        "pytorch": "copy the file beside the graph, under the name that the graph gives it, or keep everything in one "
        "file below 2 GB: torch.onnx.export(..., external_data=False)",
        "huggingface": "copy the whole folder: model.onnx and model.onnx_data belong together",
        "keras": "tf2onnx: leave out --large_model, or unpack its zip and give the folder",
        "sklearn": "onnx.save(model, 'model.onnx', save_as_external_data=False)",
    },
    "NOT_ONNX": {
        "pytorch": "torch.onnx.export(model, (x,), 'model.onnx', dynamo=True, dynamic_shapes=({0: 'batch'},))",
        "sklearn": "skl2onnx.to_onnx(model, X[:1].astype(np.float32), options={'zipmap': False}), then "
        "write onx.SerializeToString() in binary mode",
        "keras": "model.export('model.onnx', format='onnx')",
        "onnxmltools": "onnxmltools.convert_lightgbm(model, initial_types=[('input', FloatTensorType([None, "
        "FEATURES]))], zipmap=False)",
        "huggingface": "optimum-cli export onnx --model DIR OUT",
    },
    "RANDOM": {"pytorch": "call model.eval() before torch.onnx.export", "keras": "call layers with training=False"},
    "SAMPLES_DIFFER": {
        "pytorch": "call model.eval() before torch.onnx.export and before computing the expected outputs",
        "sklearn": "train and export in float32, or expect the larger differences of trees at their thresholds",
        "keras": "call the model with training=False when computing the expected outputs",
    },
}
_ADVICE = {**_ADVICE, "TYPE_UNSUPPORTED": _ADVICE["FP16_INPUTS"], "BROKEN": _ADVICE["NOT_ONNX"]}


def exporter_of(graph: Graph) -> str:
    """Key of the exporter that made a graph; empty where it does not say, or is not known."""
    producer = graph.producer.lower()
    return next((key for start, key in _PRODUCERS.items() if producer.startswith(start)), "")


def advice(code: str, exporter: str, **numbers: int) -> dict[str, str]:
    """What to change, by exporter: that of the known exporter alone, else of each.

    Args:
        code: Code of the finding.
        exporter: Key of the exporter, or empty.
        numbers: Values that the advice names.
    """
    known = _ADVICE.get(code, {})
    chosen = {exporter: known[exporter]} if exporter in known else known
    return {key: Template(text).safe_substitute(numbers) for key, text in chosen.items()}
