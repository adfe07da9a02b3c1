# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker's composition root."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import prometheus_client
import uvloop
from argosy import logs, v2

from argosy_worker import cpus, domains, settings
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.examiner import Examiner
from argosy_worker.lifecycle.follower import Follower
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import StateBoard
from argosy_worker.metrics import Metrics
from argosy_worker.pulling.cache import Cache
from argosy_worker.pulling.claim import Claims
from argosy_worker.pulling.fetcher import Fetcher
from argosy_worker.pulling.puller import Puller
from argosy_worker.scheduling.device import Devices
from argosy_worker.serving import accepting, health, model_metrics, server, tls, typed, waking, worker_service
from argosy_worker.serving.edge import Edge
from argosy_worker.serving.patience import Patience
from argosy_worker.serving.v2 import service as v2_service
from argosy_worker.settings import Settings
from argosy_worker.tracing import Tracer

logger = logging.getLogger("argosy_worker")

#: Young objects that make Python look for cycles among them. Calls leave none, but those in flight are many objects: at
#: Python's own 700 a busy worker would look over and over. Each look stops the event loop, here for some milliseconds.
GARBAGE_AFTER = 5_000


class MissingExtra(Exception):
    """What a setting asks for needs libraries that are not installed."""


def main() -> None:
    """Runs a worker until SIGTERM or SIGINT."""
    logs.configure()
    chosen = settings.read(sys.argv[1:])
    cpus.take_turns()
    waking.all_at_once()
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])
    try:
        uvloop.run(serve(chosen))
    except (ModelInvalid, MissingExtra, OSError) as error:
        sys.exit(f"argosy_worker: {error}")


async def serve(chosen: Settings) -> None:
    """Serves until a signal asks to stop, then finishes what is in flight.

    Raises:
        OSError: a port is in use, or the repository cannot be read.
        ModelInvalid: there is no such domain, or its libraries are missing.
        MissingExtra: traces are asked for, and their libraries are missing.
    """
    stopping = _stop_signal()
    domain = domains.load(chosen.domain)
    gc.freeze()  # what libraries have made by now stays for good: looking at it again and again would take 30 ms each
    if not chosen.repository.is_dir():
        raise NotADirectoryError(f"no model repository at {chosen.repository}")
    board = StateBoard()
    async with contextlib.AsyncExitStack() as stack:
        executor = ThreadPoolExecutor(chosen.decode_threads, thread_name_prefix="decode")
        stack.callback(executor.shutdown, cancel_futures=True)
        devices = Devices(chosen.device_runs, cpus.available())
        loader = Loader(domain, executor, chosen.inline_below_ms / 1e3, chosen.cache, devices=devices)
        manager = ModelManager(chosen.repository, loader, board, chosen.memory_limit_mb * 1_000_000)
        stack.push_async_callback(manager.close)
        fetcher = Fetcher(Cache(chosen.repository), Claims(chosen.claims))
        puller = Puller(manager, fetcher, chosen.pulls, chosen.pull_retry_s)
        stack.push_async_callback(puller.close)
        credentials = tls.credentials(Path(chosen.tls_folder)) if chosen.tls_folder else None
        grpc_server, port = server.bind(chosen.bind, chosen.port, chosen.max_message_bytes, credentials=credentials)
        stack.push_async_callback(accepting.stop, grpc_server, chosen.stop_grace_s)
        metrics = Metrics(domain.name)
        metrics.registry.register(model_metrics.ModelMetrics(domain.name, manager))
        metrics_port = _serve_metrics(chosen, metrics, stack)
        replica = chosen.replica_name(port)
        metrics.information(version("argosy"), replica)

        tracer = _tracer(chosen, domain.name, replica, stack)
        edge = Edge(replica, chosen.max_message_bytes, metrics, tracer, Patience(board))
        tensor_api = v2_service.V2Service(manager, executor, version("argosy"))
        control = worker_service.WorkerService(
            manager, puller, domain.name, replica, f"{chosen.bind}:{metrics_port}", version("argosy")
        )
        handlers = {
            **typed.handlers(domain, manager, edge, executor),
            **v2_service.handlers(tensor_api, edge),
            **worker_service.handlers(control, edge),
        }
        inference_services = (domain.service.full_name, v2.SERVICE)
        services = (*inference_services, worker_service.SERVICE.full_name)
        health_servicer = server.install(grpc_server, handlers, services)
        accepting.find_at_once(grpc_server, handlers, server.MethodTable if chosen.health_port else None)
        if chosen.health_port:
            probed = server.bind_health(chosen.bind, chosen.health_port, health_servicer)
            stack.push_async_callback(probed.stop, None)
            await probed.start()

        await grpc_server.start()
        logger.info("serving", extra={"domain": domain.name, "port": port, "metrics_port": metrics_port})
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(
                health.follow(board, health_servicer, inference_services, worker_service.SERVICE.full_name)
            )
            follower = Follower(manager, chosen.repository, chosen.repository_poll_s, chosen.repository_settle_s)
            loading = tasks.create_task(follower.run())
            examining = tasks.create_task(Examiner(manager.keeper, domain).run(chosen.golden_interval_s))
            await stopping.wait()
            logger.info("stopping")
            board.drain()
            loading.cancel()
            examining.cancel()
            # Control planes take the worker out of rotation meanwhile; whoever has not heard of it is still served.
            await asyncio.sleep(chosen.drain_s)
            board.close()  # a watch would count as a call in progress, for which the server waits
            following.cancel()


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def _serve_metrics(chosen: Settings, metrics: Metrics, stack: contextlib.AsyncExitStack) -> int:
    """Serves metrics from a thread; returns the port."""
    try:
        http_server, thread = prometheus_client.start_http_server(chosen.metrics_port, chosen.bind, metrics.registry)
    except OSError as error:
        raise OSError(f"cannot serve metrics on {chosen.bind}:{chosen.metrics_port}: {error.strerror}") from error

    def close() -> None:
        http_server.shutdown()
        http_server.server_close()
        thread.join()

    stack.callback(close)
    return http_server.server_port


def _tracer(chosen: Settings, domain: str, replica: str, stack: contextlib.AsyncExitStack) -> Tracer | None:
    """Makes what traces calls; None, and nothing is imported, where no endpoint is configured."""
    if not chosen.otlp_endpoint:
        return None
    try:
        from argosy_worker import otlp
    except ModuleNotFoundError as error:
        raise MissingExtra("--otlp-endpoint needs OpenTelemetry: install 'argosy[otel]'") from error
    except ImportError as error:
        raise MissingExtra(
            "another package (xds-protos holds older copies) has overwritten OpenTelemetry's modules: run "
            "pip install --force-reinstall --no-deps opentelemetry-proto"
        ) from error
    about = {
        "service.name": f"argosy.{domain}",
        "service.instance.id": replica,
        "service.version": version("argosy"),
    }
    tracer = otlp.OtlpTracer(otlp.exporter(chosen.otlp_endpoint), chosen.trace_ratio, about)
    stack.push_async_callback(asyncio.to_thread, tracer.close)
    return tracer
