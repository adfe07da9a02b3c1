from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderingFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RENDERING_FORMAT_UNSPECIFIED: _ClassVar[RenderingFormat]
    RENDERING_FORMAT_PNG: _ClassVar[RenderingFormat]
    RENDERING_FORMAT_SVG: _ClassVar[RenderingFormat]
    RENDERING_FORMAT_HTML: _ClassVar[RenderingFormat]
RENDERING_FORMAT_UNSPECIFIED: RenderingFormat
RENDERING_FORMAT_PNG: RenderingFormat
RENDERING_FORMAT_SVG: RenderingFormat
RENDERING_FORMAT_HTML: RenderingFormat

class ExplanationOptions(_message.Message):
    __slots__ = ("method", "target", "max_evaluations", "seed", "rendering")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    MAX_EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    RENDERING_FIELD_NUMBER: _ClassVar[int]
    method: str
    target: str
    max_evaluations: int
    seed: int
    rendering: RenderingFormat
    def __init__(self, method: _Optional[str] = ..., target: _Optional[str] = ..., max_evaluations: _Optional[int] = ..., seed: _Optional[int] = ..., rendering: _Optional[_Union[RenderingFormat, str]] = ...) -> None: ...

class ExplanationSummary(_message.Message):
    __slots__ = ("method", "target", "value", "base_value", "evaluation_count", "additivity_gap", "fidelity", "rendering")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BASE_VALUE_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    ADDITIVITY_GAP_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    RENDERING_FIELD_NUMBER: _ClassVar[int]
    method: str
    target: str
    value: float
    base_value: float
    evaluation_count: int
    additivity_gap: float
    fidelity: float
    rendering: Rendering
    def __init__(self, method: _Optional[str] = ..., target: _Optional[str] = ..., value: _Optional[float] = ..., base_value: _Optional[float] = ..., evaluation_count: _Optional[int] = ..., additivity_gap: _Optional[float] = ..., fidelity: _Optional[float] = ..., rendering: _Optional[_Union[Rendering, _Mapping]] = ...) -> None: ...

class Rendering(_message.Message):
    __slots__ = ("media_type", "data")
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    media_type: str
    data: bytes
    def __init__(self, media_type: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...
