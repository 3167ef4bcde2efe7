"""Requests and responses: encoding, retries, problems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError

from . import errors


class Transport:
    """Sends requests to one server. It can be used by several threads."""

    def __init__(self, url: str, token: str | None, *, timeout: float, attempts: int) -> None:
        """Makes no connection yet."""
        self.url = url.rstrip("/")
        self.attempts = attempts
        self._headers = {"Accept-Encoding": "gzip", "User-Agent": "demarche-python"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._timeout = urllib3.Timeout(connect=10, read=timeout)
        self._pool = urllib3.PoolManager(maxsize=8)

    def _retries(self, *, repeatable: bool) -> urllib3.Retry:
        """Returns when a request is sent again.

        429 and 503 changed nothing, so every request is repeated, after the Retry-After of the response. A connection that
        was lost after a write leaves open whether the write was done: only what may be done twice is repeated then.
        """
        again = self.attempts - 1
        return urllib3.Retry(
            total=None,
            # A server that is not there should be reported soon.
            connect=min(again, 2),
            read=again if repeatable else 0,
            status=again,
            other=0,
            # The old id of a merged actor redirects to the other one (308).
            redirect=5,
            allowed_methods=None,
            status_forcelist=(429, 503),
            respect_retry_after_header=True,
            raise_on_status=False,
            backoff_factor=0.5,
            backoff_max=30,
        )

    def send(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]] | None = None,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        repeatable: bool | None = None,
        timeout: urllib3.Timeout | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Returns a response whose status is below 400.

        # Raises
        `Problem` for every other status, `ConnectionFailed` if there is no response.
        """
        sent = {**self._headers, **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        address = self.url + path + (f"?{urlencode(query)}" if query else "")
        try:
            response = self._pool.request(
                method,
                address,
                body=data,
                headers=sent,
                preload_content=not stream,
                retries=self._retries(repeatable=method == "GET" if repeatable is None else repeatable),
                timeout=timeout or self._timeout,
            )
            if response.status >= 400:
                raise errors.problem(response.status, response.data)
        except HTTPError as error:
            raise _failed(self.url, error) from None
        return response

    def json(self, path: str, query: list[tuple[str, str]] | None = None) -> Any:
        """Returns the JSON of a GET."""
        return decode(self.send("GET", path, query, headers={"Accept": "application/json"}))

    def lines(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        """Returns the lines of a stream as they arrive, without their ends.

        # Raises
        `ConnectionFailed` if the stream breaks off. It never ends as if it were complete.
        """
        try:
            for line in response:
                yield line.rstrip(b"\r\n")
        except HTTPError as error:
            raise _failed(self.url, error) from None
        finally:
            # A stream that was not read to its end leaves a connection that nobody else can use.
            response.close()


def decode(response: urllib3.BaseHTTPResponse) -> Any:
    """Returns the JSON of a response; None if it has no body."""
    return json.loads(response.data) if response.data else None


def _failed(url: str, error: HTTPError) -> errors.ConnectionFailed:
    reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    return errors.ConnectionFailed(f"no complete response from {url}: {reason}")
