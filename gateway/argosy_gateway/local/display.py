# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy up`` shows: progress while models load, then what to try."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from argosy_gateway.local.fleet import Prepared
from argosy_gateway.local.options import Options
from argosy_gateway.local.readiness import Models

MOST_NAMES = 4


class Display:
    """Shows a spinner on a terminal and plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._waiting: tuple[str, ...] | None = None

    def say(self, line: str) -> None:
        """Prints a line as it is, never wrapped or marked up."""
        self._console.print(escape(line), highlight=False, soft_wrap=True)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Shows the spinner, where there is a terminal, while models load."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status("starting") as self._status:
            try:
                yield
            finally:
                self._status = None

    def changed(self, models: Models) -> None:
        """Shows which models are READY and which are waited for."""
        waiting, total = models.waiting, len(models.states)
        if self._status is not None:
            more = f" and {len(waiting) - MOST_NAMES} more" if len(waiting) > MOST_NAMES else ""
            names = ", ".join(waiting[:MOST_NAMES]) + more
            self._status.update(escape(f"{total - len(waiting)} of {total} models ready; loading {names}"))
        elif waiting != self._waiting:
            self.say(f"{total - len(waiting)} of {total} models ready")
        self._waiting = waiting


def starting(prepared: Prepared) -> str:
    """One line that says what is being started."""
    domains = ", ".join(dict.fromkeys(worker.domain for worker in prepared.workers))
    return f"Starting the gateway and workers for {domains}; logs are in {prepared.options.logs}/"


def banner(prepared: Prepared) -> str:
    """What runs where, and what to try next."""
    options, address = prepared.options, prepared.options.gateway_address
    return f"""
Argosy is up at {address} with {len(prepared.models)} models; Ctrl-C stops it.

{_programs(prepared)}Try next, in another terminal:
{_try(address)}
Where to look:
  control plane's metrics  http://127.0.0.1:{options.control_port + 1}/metrics
{_worker_metrics(prepared)}  Envoy's admin page       http://127.0.0.1:{options.admin_port}/
  logs                     {options.logs}/
"""


def _try(address: str) -> str:
    usual = address == Options().gateway_address
    flag, argument = ("", "") if usual else (f" --address {address}", f'"{address}"')
    classify = f'Argosy({argument}).nlp.classify("A lovely film.")'
    return f"""\
  .venv/bin/argosy models{flag}
  .venv/bin/argosy nlp classify "A lovely film."{flag}
  .venv/bin/python -c 'from argosy_client import Argosy; print({classify})'
  grpcurl -plaintext {address} list
  grpcurl -plaintext -d '{{"texts": ["A lovely film."]}}' {address} argosy.nlp.v1.NlpService/Classify
"""


def _worker_metrics(prepared: Prepared) -> str:
    workers = [worker for worker in prepared.workers if worker.metrics_port is not None]
    return "".join(
        f"  {f'{worker.domain} metrics':<23}  http://{worker.host}:{worker.metrics_port}/metrics\n"
        for worker in workers
    )


def _programs(prepared: Prepared) -> str:
    lines = "".join(
        f"  {spec.name:<23}  {port.host}:{port.number}\n" for spec in prepared.programs for port in spec.ports
    )
    return f"Programs that use it:\n{lines}\n" if lines else ""
