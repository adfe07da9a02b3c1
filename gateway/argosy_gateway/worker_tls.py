# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""TLS between the gateway and workers: what Envoy has to be told, in JSON form.

Both ends show a certificate of one authority. Where its files are is in two files that the bootstrap writes beside
itself; Envoy reads all of them again whenever they are replaced.
"""

from pathlib import Path
from typing import Any

#: Name that every worker's certificate is for (a DNS name among its subject's alternatives).
WORKER_NAME = "worker.argosy"
#: Files of a folder with certificates, as Kubernetes' secrets and cert-manager name them.
CERTIFICATE, KEY, AUTHORITY = "tls.crt", "tls.key", "ca.crt"
_TYPES = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
_OURS, _THEIRS = "worker-certificate", "worker-authority"


def secrets(folder: str) -> dict[str, dict[str, Any]]:
    """Renders what says where certificates are, by file name; ``folder`` is where Envoy finds them."""
    ours = {
        "certificate_chain": {"filename": f"{folder}/{CERTIFICATE}"},
        "private_key": {"filename": f"{folder}/{KEY}"},
        "watched_directory": {"path": folder},
    }
    theirs = {"trusted_ca": {"filename": f"{folder}/{AUTHORITY}"}, "watched_directory": {"path": folder}}
    return {
        f"{_OURS}.json": _secret({"name": _OURS, "tls_certificate": ours}),
        f"{_THEIRS}.json": _secret({"name": _THEIRS, "validation_context": theirs}),
    }


def _secret(of: dict[str, Any]) -> dict[str, Any]:
    return {"resources": [{"@type": f"{_TYPES}.Secret", **of}]}


def transport_socket(folder: str) -> dict[str, Any]:
    """Renders how Envoy speaks to workers; ``folder`` is where it finds the files that its bootstrap wrote."""
    return {
        "name": "envoy.transport_sockets.tls",
        "typedConfig": {
            "@type": f"{_TYPES}.UpstreamTlsContext",
            "sni": WORKER_NAME,
            "commonTlsContext": {
                "alpnProtocols": ["h2"],
                "tlsCertificateSdsSecretConfigs": [_reference(folder, _OURS)],
                "combinedValidationContext": {
                    "defaultValidationContext": {
                        "matchTypedSubjectAltNames": [{"sanType": "DNS", "matcher": {"exact": WORKER_NAME}}]
                    },
                    "validationContextSdsSecretConfig": _reference(folder, _THEIRS),
                },
            },
        },
    }


def _reference(folder: str, name: str) -> dict[str, Any]:
    source = {"pathConfigSource": {"path": str(Path(folder) / f"{name}.json")}, "resourceApiVersion": "V3"}
    return {"name": name, "sdsConfig": source}
