# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A web server of files that can be told to break off, to change a file, or to know no ranges."""

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Files:
    """The files, and how the server behaves; may change while it serves."""

    contents: dict[str, bytes] = field(default_factory=dict)
    breaks_off: int = 0
    """Answers to come that end in their middle."""
    refuses: int = 0
    """Answers to come that are 503."""
    ranges: bool = True
    sent_bytes: int = 0
    port: int = 0

    def url(self, path: str) -> str:
        """Where a file is, as a source names it."""
        return f"https://127.0.0.1:{self.port}/{path}"

    def sha256(self, path: str) -> str:
        """What a file hashes to."""
        return hashlib.sha256(self.contents[path]).hexdigest()


@contextlib.contextmanager
def serve(files: Files) -> Iterator[Files]:
    """Serves files on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            content = files.contents.get(self.path[1:])
            if content is None:
                return self._status(404)
            if files.refuses and with_body:
                files.refuses -= 1
                return self._status(503)
            tag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'
            if self.headers.get("If-Match", tag) != tag:
                return self._status(412)
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")) if files.ranges else None
            start, end = (int(asked[1]), int(asked[2]) + 1) if asked else (0, len(content))
            part = content[start:end]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(part)))
            self.send_header("ETag", tag)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(content)}")
            self.end_headers()
            if not with_body:
                return None
            if files.breaks_off:
                files.breaks_off -= 1
                part = part[: len(part) // 2]
                self.close_connection = True
            files.sent_bytes += len(part)
            self.wfile.write(part)
            return None

        def _status(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    files.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
