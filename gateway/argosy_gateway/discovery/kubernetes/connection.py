# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Requests to the API server: lists, and watches line by line."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import aiohttp

from argosy_gateway.discovery.kubernetes.access import Access, AccessError, load

#: Time to connect, in seconds.
_CONNECT_S = 5.0
#: Longest line of a watch, in bytes: more than the largest object that an API server stores.
_LINE = 8 << 20
_AGENT = "argosy"


class ApiError(Exception):
    """What was asked of the API server did not work; the text says why.

    ``status`` is the HTTP status, or 0 where there was no answer; ``retry_after_s`` is how long the server wants to be
    left alone, in seconds.
    """

    def __init__(self, text: str, status: int = 0, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after_s = retry_after_s


class Connection:
    """Connections to one API server, of one account."""

    def __init__(self, access: Access, session: aiohttp.ClientSession) -> None:
        self._access = access
        self._session = session

    async def get(self, path: str, parameters: Mapping[str, str], timeout_s: float) -> Any:
        """Reads what is at a path. Raises ApiError."""
        with _problems(timeout_s):
            async with asyncio.timeout(timeout_s), self._opened(path, parameters) as response:
                return json.loads(await response.read())

    async def lines(self, path: str, parameters: Mapping[str, str], timeout_s: float) -> AsyncGenerator[Any, None]:
        """Yields the JSON values of an answer that goes on, one a line, to its end. Raises ApiError.

        ``timeout_s`` is the longest that it may take from beginning to end, whatever comes.
        """
        with _problems(timeout_s):
            async with asyncio.timeout(timeout_s), self._opened(path, parameters) as response:
                async for line in response.content:
                    if line.strip():
                        yield json.loads(line)

    @contextlib.asynccontextmanager
    async def _opened(self, path: str, parameters: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = await asyncio.to_thread(self._access.headers)
        async with self._session.get(
            self._access.url + path,
            params=parameters,
            headers=headers,
            server_hostname=self._access.server_name,
            allow_redirects=False,  # a token is for this server alone
        ) as response:
            if response.status != 200:
                raise await _refusal(response)
            yield response


@contextlib.asynccontextmanager
async def connect(access: Callable[[], Access] = load) -> AsyncIterator[Connection]:
    """Connects to the API server; what says where it is, and who calls, is read anew. Raises ApiError."""
    with _problems(_CONNECT_S):
        found = await asyncio.to_thread(access)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=found.tls),
        timeout=timeout,
        read_bufsize=_LINE // 2,  # a line may be twice that
        headers={"User-Agent": _AGENT, "Accept": "application/json"},
    ) as session:
        yield Connection(found, session)


@contextlib.contextmanager
def _problems(timeout_s: float) -> Iterator[None]:
    """Turns whatever can go wrong on the way into an ApiError."""
    try:
        yield
    except aiohttp.ClientError as error:  # some of which are TimeoutError, too
        raise ApiError(str(error) or type(error).__name__) from error
    except TimeoutError as error:
        raise ApiError(f"no answer, or no end of it, within {timeout_s:g} s") from error
    except (OSError, AccessError) as error:
        raise ApiError(str(error)) from error
    except ValueError as error:  # no JSON, or a line that is too long
        raise ApiError(f"not what an API server says: {error}") from error


async def _refusal(response: aiohttp.ClientResponse) -> ApiError:
    text = (await response.content.read(4096)).decode(errors="replace")
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        text = str(json.loads(text).get("message") or text)
    after = response.headers.get("Retry-After", "")
    return ApiError(
        f"{response.status} {response.reason}: {' '.join(text.split())[:300]}",
        response.status,
        float(after) if after.isascii() and after.isdecimal() else 0.0,
    )
