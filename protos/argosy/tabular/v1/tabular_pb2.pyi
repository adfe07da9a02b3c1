from argosy.common.v1 import explanation_pb2 as _explanation_pb2
from argosy.common.v1 import label_pb2 as _label_pb2
from argosy.common.v1 import tensor_pb2 as _tensor_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RowErrors(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROW_ERRORS_UNSPECIFIED: _ClassVar[RowErrors]
    ROW_ERRORS_REFUSE: _ClassVar[RowErrors]
    ROW_ERRORS_REPORT: _ClassVar[RowErrors]
ROW_ERRORS_UNSPECIFIED: RowErrors
ROW_ERRORS_REFUSE: RowErrors
ROW_ERRORS_REPORT: RowErrors

class PredictRequest(_message.Message):
    __slots__ = ("model", "version", "rows", "tensor", "row_errors")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    ROW_ERRORS_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    rows: _containers.RepeatedCompositeFieldContainer[Row]
    tensor: _tensor_pb2.Tensor
    row_errors: RowErrors
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., rows: _Optional[_Iterable[_Union[Row, _Mapping]]] = ..., tensor: _Optional[_Union[_tensor_pb2.Tensor, _Mapping]] = ..., row_errors: _Optional[_Union[RowErrors, str]] = ...) -> None: ...

class PredictResponse(_message.Message):
    __slots__ = ("model", "version", "predictions")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PREDICTIONS_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    predictions: _containers.RepeatedCompositeFieldContainer[Prediction]
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., predictions: _Optional[_Iterable[_Union[Prediction, _Mapping]]] = ...) -> None: ...

class PredictStreamRequest(_message.Message):
    __slots__ = ("model", "version", "config", "readings")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    config: PredictStreamConfig
    readings: Readings
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., config: _Optional[_Union[PredictStreamConfig, _Mapping]] = ..., readings: _Optional[_Union[Readings, _Mapping]] = ...) -> None: ...

class PredictStreamConfig(_message.Message):
    __slots__ = ("step", "window")
    STEP_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    step: int
    window: int
    def __init__(self, step: _Optional[int] = ..., window: _Optional[int] = ...) -> None: ...

class Readings(_message.Message):
    __slots__ = ("rows",)
    ROWS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[Row]
    def __init__(self, rows: _Optional[_Iterable[_Union[Row, _Mapping]]] = ...) -> None: ...

class PredictStreamResponse(_message.Message):
    __slots__ = ("model", "version", "reading_count", "prediction")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    READING_COUNT_FIELD_NUMBER: _ClassVar[int]
    PREDICTION_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    reading_count: int
    prediction: Prediction
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., reading_count: _Optional[int] = ..., prediction: _Optional[_Union[Prediction, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("model", "version", "row", "tensor", "options", "background")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    row: Row
    tensor: _tensor_pb2.Tensor
    options: _explanation_pb2.ExplanationOptions
    background: _tensor_pb2.Tensor
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., row: _Optional[_Union[Row, _Mapping]] = ..., tensor: _Optional[_Union[_tensor_pb2.Tensor, _Mapping]] = ..., options: _Optional[_Union[_explanation_pb2.ExplanationOptions, _Mapping]] = ..., background: _Optional[_Union[_tensor_pb2.Tensor, _Mapping]] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("model", "version", "summary", "features")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: str
    summary: _explanation_pb2.ExplanationSummary
    features: _containers.RepeatedCompositeFieldContainer[FeatureAttribution]
    def __init__(self, model: _Optional[str] = ..., version: _Optional[str] = ..., summary: _Optional[_Union[_explanation_pb2.ExplanationSummary, _Mapping]] = ..., features: _Optional[_Iterable[_Union[FeatureAttribution, _Mapping]]] = ...) -> None: ...

class Row(_message.Message):
    __slots__ = ("named", "values")
    class NamedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    NAMED_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    named: _containers.ScalarMap[str, float]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, named: _Optional[_Mapping[str, float]] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class Prediction(_message.Message):
    __slots__ = ("values", "classes", "anomaly", "error")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    ANOMALY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    classes: _containers.RepeatedCompositeFieldContainer[_label_pb2.ScoredLabel]
    anomaly: Anomaly
    error: RowError
    def __init__(self, values: _Optional[_Iterable[float]] = ..., classes: _Optional[_Iterable[_Union[_label_pb2.ScoredLabel, _Mapping]]] = ..., anomaly: _Optional[_Union[Anomaly, _Mapping]] = ..., error: _Optional[_Union[RowError, _Mapping]] = ...) -> None: ...

class Anomaly(_message.Message):
    __slots__ = ("score", "threshold", "anomalous", "features")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    ANOMALOUS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    score: float
    threshold: float
    anomalous: bool
    features: _containers.RepeatedCompositeFieldContainer[FeatureAttribution]
    def __init__(self, score: _Optional[float] = ..., threshold: _Optional[float] = ..., anomalous: bool = ..., features: _Optional[_Iterable[_Union[FeatureAttribution, _Mapping]]] = ...) -> None: ...

class RowError(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class FeatureAttribution(_message.Message):
    __slots__ = ("feature", "attribution")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    feature: str
    attribution: float
    def __init__(self, feature: _Optional[str] = ..., attribution: _Optional[float] = ...) -> None: ...
