# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy add``: from a graph that was exported elsewhere to a model that the fleet serves."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from argosy_client.bridge import place as places
from argosy_client.bridge import snippets
from argosy_client.bridge.calling import NotServed
from argosy_client.bridge.live import Served, measure, wait_until_ready
from argosy_client.bridge.plan import Asked
from argosy_client.bridge.preparing import Prepared, Wanted, prepare
from argosy_client.bridge.report import example_of, report, served_facts
from argosy_client.cli.add_view import print_diagnosis, print_served
from argosy_client.cli.command import command
from argosy_client.cli.options import Connection
from argosy_client.cli.output import print_json
from argosy_client.cli.text import clean

from argosy_worker import offline
from argosy_worker.cli import cluster as cluster_side
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.state import State

FLEET = Path("deploy/local/fleet.yaml")
NAMESPACE = "argosy-system"


@command
def add(
    connection: Connection,
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="An ONNX graph, or a folder that holds one.")],
    domain: Annotated[str | None, typer.Option("--domain", help="Domain that serves it; guessed if not given.")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help="Method that it is to have, such as Detect; several times. Else all that fit."),
    ] = None,
    multi_label: Annotated[
        bool | None,
        typer.Option(
            "--multi-label/--one-label", help="Texts: whether labels exclude each other; else told by the graph."
        ),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option("--samples", help="Inputs (.npz by name, or .npy); else samples.npz beside the graph."),
    ] = None,
    expected: Annotated[
        Path | None, typer.Option("--expected", help="What the framework gave for them; else expected.npz.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the model; the file's if not given.")] = None,
    repository: Annotated[
        Path | None, typer.Option("--repository", help="Repository of the domain's worker; else the fleet document's.")
    ] = None,
    fleet: Annotated[
        Path | None,
        typer.Option("--fleet", show_default=str(FLEET), help="Fleet document that names the repositories."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, help="Accepted difference, relative to the largest number.")
    ] = 1e-3,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a model of that name.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report; write and load nothing.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Longest wait for READY, in seconds; 0: none.")] = 60.0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Upload it below this (s3://BUCKET/PATH, gs://, az://), and apply its Model."),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", show_default=NAMESPACE, help="Namespace of the fleet, with --cluster."),
    ] = None,
) -> None:
    """Add an ONNX model: diagnose it, write its model.yaml and golden samples, load it, prove it.

    Exits with 1 where the model is refused or does not become READY.
    """
    _check_whereto(cluster, namespace, {"--repository": repository, "--fleet": fleet, "--replace": replace or None})
    prepared = prepare(
        Wanted(path, Asked(domain, tuple(method or ()), multi_label), samples, expected, name, tolerance)
    )
    facts = report(prepared)
    if not connection.json:
        print_diagnosis(prepared)
    if prepared.diagnosis.refused:
        _end(connection, {**facts, "outcome": "refused"}, "refused: nothing was written", failed=True)
    if dry_run:
        if not connection.json:
            typer.echo(clean(f"\nmodel.yaml would be:\n\n{prepared.texts['model.yaml']}"))
        _end(connection, {**facts, "outcome": "dry run"}, "dry run: nothing was written")
    assert prepared.plan is not None  # noqa: S101 - what is not refused has one
    if cluster is not None:
        _publish(connection, prepared, facts, cluster, namespace or NAMESPACE, wait)
    where = repository or places.find_repository(fleet or FLEET, prepared.plan.domain)
    place = places.find_place(where, prepared.name, replace)
    if wait:
        with connection.open() as client:
            client.models()  # a fleet that does not answer is told before anything is written
    _write(prepared, place)
    facts |= {"repository": str(where), "folder": str(place.folder), "version": place.version}
    example = example_of(prepared, place)
    facts["calls"] = snippets.calls(example, connection.address)
    if not wait:
        _end(connection, {**facts, "outcome": "written"}, f"written to {place.folder}; a worker loads it when it looks")
    try:
        served = _prove(connection, prepared, place, wait)
    except NotServed as error:
        _end(
            connection, {**facts, "outcome": "not served", "reason": str(error)}, f"{place.name}: {error}", failed=True
        )
    if not connection.json:
        typer.echo(f"\n{place.name} is READY: version {place.version} in {place.folder}\n")
        print_served(served)
        typer.echo(f"\n{snippets.shown(example, connection.address)}")
    _end(connection, {**facts, "outcome": "served", "served": served_facts(served)}, "")


def _check_whereto(cluster: str | None, namespace: str | None, local: Mapping[str, object]) -> None:
    """Raises ValueError for options of a repository here beside a cluster, and for those of a cluster without one."""
    if cluster is None:
        if namespace is not None:
            raise ValueError("--namespace is the fleet's on Kubernetes: it goes with --cluster")
        return
    given = [option for option, value in local.items() if value is not None]
    if given:
        raise ValueError(
            f"{', '.join(given)}: of a repository here, and --cluster uploads to a store; give one of them"
        )


def _publish(
    connection: Connection, prepared: Prepared, facts: dict[str, Any], store: str, namespace: str, wait: float
) -> None:
    """Uploads the model and applies its resource, waits until it is Ready, and exits."""
    assert prepared.plan is not None  # noqa: S101 - what is not refused has one
    with tempfile.TemporaryDirectory(prefix="argosy-add-") as folder:
        place = places.find_place(Path(folder), prepared.name, False)
        _write(prepared, place)
        try:
            found = cluster_side.publish(place.folder, prepared.plan.domain, store)
            facts |= {"resource": found["metadata"]["name"], "namespace": namespace, **found["spec"]["source"]}
            cluster_side.apply(found, namespace)
            if wait:
                cluster_side.wait(found["metadata"]["name"], namespace, wait)
        except cluster_side.NotApplied as error:
            _end(connection, {**facts, "outcome": "not served", "reason": str(error)}, str(error), failed=True)
    name, outcome = facts["resource"], "served" if wait else "applied"
    _end(connection, {**facts, "outcome": outcome}, f"Model {name} is {'Ready' if wait else 'applied'}: {facts['uri']}")


def _write(prepared: Prepared, place: places.Place) -> None:
    """Writes the model beside the others, tries it as a worker would, and only then gives it its name."""
    graph, plan = prepared.diagnosis.graph, prepared.plan
    assert graph is not None  # noqa: S101 - what is not refused has both
    assert plan is not None  # noqa: S101
    with places.staged(place) as staging:
        places.write(staging / place.name, graph, place.version, prepared.texts, prepared.blobs, prepared.files)
        try:
            states = offline.check_quietly(plan.domain, staging)
        except ModelInvalid as error:
            raise ValueError(str(error)) from error
        for version in states[0].versions:
            if version.state is not State.READY:
                raise ValueError(f"{place.name}: {version.reason}")
        places.publish(staging, place)


def _prove(connection: Connection, prepared: Prepared, place: places.Place, wait: float) -> Served:
    session, samples = prepared.diagnosis.session, prepared.samples
    with connection.open() as client:
        wait_until_ready(client, place.name, place.version, wait)
        if session is None or samples is None:
            raise NotServed("it is READY; without --samples on which it runs there is nothing to compare")
        return measure(client, place.name, place.version, session, samples, prepared.diagnosis.max_batch_size)


def _end(connection: Connection, facts: dict[str, Any], line: str, *, failed: bool = False) -> None:
    """Prints the facts as JSON, or the last line, and exits."""
    if connection.json:
        print_json(facts)
    elif line:
        typer.echo(clean(line), err=failed)
    raise typer.Exit(1 if failed else 0)
