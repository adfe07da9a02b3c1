# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls over TLS, from nobody but those whose certificate is of our own authority.

The files may be replaced at any time, as Kubernetes and cert-manager do: each new connection gets what is there then.
"""

import logging
from pathlib import Path

import grpc

logger = logging.getLogger(__name__)


def credentials(folder: Path) -> grpc.ServerCredentials:
    """Makes credentials from ``tls.crt``, ``tls.key`` and ``ca.crt`` (PEM) in a folder. Raises OSError without them."""
    known = _read(folder)

    def changed() -> grpc.ServerCertificateConfiguration | None:
        """What is there now; None where that is what is known, or cannot be read."""
        nonlocal known
        try:
            found = _read(folder)
        except OSError as error:
            logger.error("certificates unreadable, the last ones stay", extra={"reason": str(error)})
            return None
        if found == known:
            return None
        known = found
        logger.info("certificates renewed")
        return _configuration(found)

    return grpc.dynamic_ssl_server_credentials(_configuration(known), changed, require_client_authentication=True)


#: Key, certificate and authority.
_Files = tuple[bytes, bytes, bytes]


def _read(folder: Path) -> _Files:
    return (folder / "tls.key").read_bytes(), (folder / "tls.crt").read_bytes(), (folder / "ca.crt").read_bytes()


def _configuration(files: _Files) -> grpc.ServerCertificateConfiguration:
    key, certificate, authority = files
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=authority)
