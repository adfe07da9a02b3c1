# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How the API server is reached: as a pod of the cluster, or with a kubeconfig file."""

import contextlib
import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from kubernetes import config
from kubernetes.client import Configuration

_IN_CLUSTER = "KUBERNETES_SERVICE_HOST"


class AccessError(Exception):
    """Nothing says how the API server is reached, or what does is unusable; the text says why."""


@dataclass(frozen=True)
class Access:
    """Where the API server is, and what it is told of who calls."""

    url: str
    tls: ssl.SSLContext
    server_name: str | None
    _configuration: Configuration

    def headers(self) -> dict[str, str]:
        """Headers that say who calls. Reads a token again that may have been replaced, so it may block.

        Raises:
            AccessError: The token cannot be read.
        """
        try:
            found: Mapping[str, Mapping[str, str]] = self._configuration.auth_settings()
        except (OSError, config.ConfigException) as error:
            raise AccessError(f"the token cannot be read: {error}") from error
        return {each["key"]: each["value"] for each in found.values() if each["in"] == "header" and each["value"]}


def configuration(environment: Mapping[str, str] | None = None) -> Configuration:
    """Takes the file that KUBECONFIG names, else the account of the pod, else the user's own kubeconfig file.

    Blocks while files are read, and while a program runs that the kubeconfig file may name.

    Raises:
        AccessError: There is none of these, or it is unusable.
    """
    variables = os.environ if environment is None else environment
    found = Configuration()
    with _problems():
        if variables.get(_IN_CLUSTER) and not variables.get("KUBECONFIG"):
            config.load_incluster_config(client_configuration=found)
        else:
            config.load_kube_config(config_file=variables.get("KUBECONFIG"), client_configuration=found)
    return found


def load(environment: Mapping[str, str] | None = None) -> Access:
    """What :func:`configuration` finds, for requests of our own. Blocks and raises as that does."""
    found = configuration(environment)
    with _problems():
        return Access(found.host.rstrip("/"), _tls(found), found.tls_server_name or None, found)


@contextlib.contextmanager
def _problems() -> Iterator[None]:
    """Turns whatever can be wrong with what is read into an AccessError."""
    try:
        yield
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError, config.ConfigException) as error:
        raise AccessError(f"no way to an API server: {' '.join(str(error).split())}") from error


def _tls(found: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=found.ssl_ca_cert)
    if found.cert_file:
        context.load_cert_chain(found.cert_file, found.key_file)
    if not found.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
