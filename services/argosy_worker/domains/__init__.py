# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The domains of the worker. Each is imported only when it is asked for, with the libraries that it alone needs."""

from importlib import import_module

from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import Domain
from argosy_worker.repository.sections import DOMAIN_METHODS

#: Names of the domains, in the order in which they are shown.
NAMES = tuple(DOMAIN_METHODS)


def load(name: str) -> Domain:
    """Imports a domain.

    Raises:
        ModelInvalid: unknown domain, or its extra is not installed.
    """
    if name not in NAMES:
        raise ModelInvalid(f"unknown domain {name!r}; the domains are {', '.join(NAMES)}")
    try:
        service = import_module(f"{__name__}.{name}.service")
    except ImportError as error:
        if (error.name or "").partition(".")[0] in ("argosy", "argosy_worker"):
            raise
        reason = " ".join(str(error).split())
        raise ModelInvalid(f"domain {name} cannot start ({reason}): pip install 'argosy[{name}]'") from error
    domain: Domain = service.DOMAIN
    return domain
