# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Working calls of a model, for the command line and other languages."""

import base64
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Any

import numpy as np
from argosy import v2
from numpy.typing import NDArray

from argosy_client.domains.tensors import TEXTS, datatype_of

#: Services, by domain.
_SERVICES = {
    name: f"argosy.{name}.v1.{name.capitalize()}Service"
    for name in ("vision", "speech", "nlp", "recommendation", "tabular")
}
_CONTENTS = {"FP32": "fp32Contents", "FP64": "fp64Contents", "INT64": "int64Contents", "UINT64": "uint64Contents"}
_CONTENTS |= {"BOOL": "boolContents", TEXTS: "bytesContents"}
_CONTENTS |= {f"INT{bits}": "intContents" for bits in (8, 16, 32)}
_CONTENTS |= {f"UINT{bits}": "uintContents" for bits in (8, 16, 32)}
#: Verbs of the command line and names in Python, where they are not the method's in lower case.
_VERBS = {"ClassifyTokens": "tokens"}
_NAMES = {"ClassifyTokens": "classify_tokens"}
#: Largest request, in bytes, that is shown in full.
_SHOWN_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Example:
    """One call.

    Args:
        model: Name of the model.
        service: Full name of the service.
        method: Its method.
        request: The request in proto3 JSON.
        file: A file with the call's input, for the command line; None where none is needed.
    """

    model: str
    service: str
    method: str
    request: Mapping[str, Any]
    file: Path | None = None

    @property
    def domain(self) -> str:
        """Domain of a typed call; empty for one of tensors."""
        return next((name for name, service in _SERVICES.items() if service == self.service), "")


def typed(model: str, domain: str, method: str, request: Mapping[str, Any], file: Path | None = None) -> Example:
    """A call of a domain's service."""
    return Example(model, _SERVICES[domain], method, {"model": model, **request}, file)


def tensors(model: str, inputs: Mapping[str, NDArray[Any]], file: Path | None = None) -> Example:
    """A call of the V2 protocol."""
    named = [_tensor(name, array) for name, array in inputs.items()]
    request: dict[str, Any] = {"modelName": model, "inputs": named}
    if any("contents" not in tensor for tensor in named):  # all of them raw, or none
        for tensor in named:
            tensor.pop("contents", None)
        request["rawInputContents"] = [base64.b64encode(array.tobytes()).decode() for array in inputs.values()]
    return Example(model, v2.SERVICE, "ModelInfer", request, file)


def _tensor(name: str, array: NDArray[Any]) -> dict[str, Any]:
    datatype = datatype_of(array)
    tensor: dict[str, Any] = {"name": name, "datatype": datatype, "shape": [str(size) for size in array.shape]}
    field = _CONTENTS.get(datatype)
    if field:
        tensor["contents"] = {field: [_plain(value) for value in array.ravel()]}
    return tensor


def _plain(value: Any) -> Any:
    if isinstance(value, str | bytes):
        return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
    return float(str(value)) if isinstance(value, np.floating) else value.item()


def calls(example: Example, address: str) -> dict[str, str]:
    """A call in each language: "cli", "python", "go", "java", "node", "grpcurl"."""
    body = json.dumps(example.request)
    if len(body) > _SHOWN_BYTES:
        body = json.dumps({**example.request, "inputs": "... the request is too large to be shown: see the file"})
    return {
        "cli": _cli(example, address),
        "python": _python(example, address),
        "go": _go(example, address, body),
        "java": _java(example, address, body),
        "node": _node(example, address, body),
        "grpcurl": f"grpcurl -plaintext -H 'x-model: {example.model}' -d {shlex.quote(body)} {address} "
        f"{example.service}/{example.method}",
    }


def _cli(example: Example, address: str) -> str:
    place = "" if address == "127.0.0.1:8080" else f" --address {address}"
    rest = f"--model {example.model}{place}"
    verb = f"argosy {example.domain} {_VERBS.get(example.method, example.method.lower())}"
    file = shlex.quote(str(example.file))
    if example.domain == "tabular" and example.request.get("rows"):
        row = example.request["rows"][0]["named"]
        return f"{verb} --row {shlex.quote(','.join(f'{name}={value}' for name, value in row.items()))} {rest}"
    if example.domain == "nlp":
        return f"{verb} {' '.join(map(shlex.quote, _texts(example)))} {rest}"
    if example.domain == "recommendation":
        return f"{verb} --item {shlex.quote(example.request['history'][0]['itemId'])} {rest}"
    if example.domain in ("vision", "speech"):
        return f"{verb} {file} {rest}"
    return f"argosy infer {example.model} {file}{place}"


def _texts(example: Example) -> list[str]:
    """The texts of a call; a query before its documents."""
    request = example.request
    return [request["query"], *request["documents"]] if example.method == "Rerank" else list(request["texts"])


def _python(example: Example, address: str) -> str:
    request = example.request
    call = f"fleet.{example.domain}.{_NAMES.get(example.method, example.method.lower())}"
    model = f"model={example.model!r}"
    lines = ["from argosy_client import Argosy", "", f"with Argosy({address!r}) as fleet:"]
    if example.domain == "tabular":
        lines.append(f"    print({call}({request['rows'][0]['named']!r}, {model}))")
    elif example.domain == "nlp":
        texts = _texts(example)
        given = f"{texts[0]!r}, {texts[1:]!r}" if example.method == "Rerank" else repr(texts[0])
        lines.append(f"    print({call}({given}, {model}))")
    elif example.domain == "recommendation":
        lines.append(f"    print({call}([{request['history'][0]['itemId']!r}], {model}))")
    elif example.domain:
        lines.append(f"    print({call}({str(example.file)!r}, {model}))")
    else:
        lines = ["import json", "from pathlib import Path", "", "import numpy as np", *lines]
        lines.append(f"    tensors = json.loads(Path({str(example.file)!r}).read_text())['inputs']")
        lines.append("    types = {'FP16': 'f2', 'FP32': 'f4', 'FP64': 'f8', 'BOOL': '?', 'BYTES': object}")
        lines.append("    inputs = {")
        lines.append(
            "        name: np.array(one['data'], types.get(one['datatype'], one['datatype'].lower())).reshape("
        )
        lines.append("            one['shape'])")
        lines.append("        for name, one in tensors.items()")
        lines.append("    }")
        lines.append(f"    print(fleet.tensors.infer({example.model!r}, inputs).outputs)")
    return "\n".join(lines)


def _parts(example: Example) -> tuple[str, str, str]:
    """Package, service and request's class."""
    package, _, service = example.service.rpartition(".")
    return package, service, f"{example.method}Request"


def _go(example: Example, address: str, body: str) -> str:
    package, service, request = _parts(example)
    return _filled(
        "call.go.txt",
        address=address,
        model=example.model,
        folder=package.replace(".", "/"),
        service=service,
        request=request,
        method=example.method,
        body=f"`{body}`" if "`" not in body else json.dumps(body),
    )


def _java(example: Example, address: str, body: str) -> str:
    package, service, request = _parts(example)
    return _filled(
        "call.java.txt",
        address=address,
        model=example.model,
        package=f"dev.{package}" if example.domain else f"dev.argosy.{package}",
        service=service,
        request=request,
        method=_camel(example.method),
        body=json.dumps(body),
    )


def _node(example: Example, address: str, body: str) -> str:
    package, service, _ = _parts(example)
    typed_file = f"{package.replace('.', '/')}/{example.domain}.proto"
    return _filled(
        "call.js.txt",
        address=address,
        model=example.model,
        file=typed_file if example.domain else "argosy/inference/grpc_service.proto",
        package=package,
        service=service,
        method=_camel(example.method),
        body=body,
    )


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _filled(name: str, **values: str) -> str:
    text = (resources.files("argosy_client.bridge") / "templates" / name).read_text("utf-8")
    return Template(text).substitute(values).removesuffix("\n")


def shown(example: Example, address: str) -> str:
    """All calls as one text, for people."""
    titles = {"cli": "command line", "python": "Python", "go": "Go", "java": "Java", "node": "Node.js"}
    parts = [f"{titles.get(name, name)}:\n\n{indent(text, '    ')}" for name, text in calls(example, address).items()]
    return "\n\n".join(parts)
