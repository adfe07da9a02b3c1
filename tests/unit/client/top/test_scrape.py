# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading metrics pages, those of strangers too."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from argosy_client.fleet_results import Worker
from argosy_client.top import scrape as scraping
from argosy_client.top.scrape import metrics_address, parse, scrape
from prometheus_client import CollectorRegistry, Gauge, generate_latest


def worker(metrics: str, address: str = "10.0.0.7:8101") -> Worker:
    return Worker("w", "vision", address, "SERVING", (), (), metrics, "1")


def test_what_prometheus_writes_is_read() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("g", "Of a \\ kind.", ["one", "two"], registry=registry)
    gauge.labels('quoted "text", with = and {}', "line\nbreak \\n").set(1.5)
    gauge.labels("", "plain").set(float("inf"))
    samples = list(parse(generate_latest(registry).decode()))
    assert [(one.name, dict(one.labels), one.value) for one in samples] == [
        ("g", {"one": 'quoted "text", with = and {}', "two": "line\nbreak \\n"}, 1.5),
        ("g", {"one": "", "two": "plain"}, float("inf")),
    ]


def test_what_is_no_sample_is_passed_over() -> None:
    assert [one.name for one in parse("<html>\na 1\nb{ 2\nc x\n# d 4\n\ne 5 1700000000")] == ["a", "e"]


@pytest.mark.parametrize(
    ("metrics", "found"),
    [("10.0.0.8:9101", ("10.0.0.8", 9101)), ("0.0.0.0:9101", ("10.0.0.7", 9101)), ("[::1]:9101", ("::1", 9101))],
)
def test_a_worker_that_listens_everywhere_is_asked_where_it_serves(metrics: str, found: tuple[str, int]) -> None:
    assert metrics_address(worker(metrics)) == found


@contextmanager
def serving(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_each_way_to_fail_is_told_and_none_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "MAX_BYTES", 100)
    with serving(200, b"a 1\n") as good, serving(500, b"") as broken, serving(200, b"a 1\n" * 100) as endless:
        pages = scrape([worker(each) for each in (good, broken, endless, "127.0.0.1:1", "")], 5)
    assert [one.name for one in pages[0].samples] == ["a"]
    for page, reason in zip(
        pages[1:], ("HTTP status 500", "more than 100 bytes", "refused", "serves no metrics"), strict=True
    ):
        assert reason in page.error
        assert not page.samples
