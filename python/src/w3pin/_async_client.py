"""The client for asyncio."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from w3pin._connection import Connection
from w3pin._content import to_bytes, to_json, to_path_or_bytes
from w3pin._event_loop import EventLoop
from w3pin._native import ByCidOptions, Feed, Listing, UploadOptions
from w3pin._pins import AsyncPins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from w3pin._errors import PinningError
    from w3pin._models import Page, Pin, Proof
    from w3pin._native import RetryPolicy
    from w3pin._types import (
        AsyncSource,
        BytesLike,
        Filter,
        LinksOfContent,
        OnProgress,
        Seconds,
        SortBy,
        SortOrder,
        StrPath,
        Symlinks,
        Verify,
    )

__all__ = ["AsyncClient"]


class AsyncClient(Connection):
    """A client of a pinning service, for one account, whose calls are coroutines.

    Cancelling a task stops the transfer that it awaits.

    >>> async def main() -> None:
    ...     async with AsyncClient(
    ...         server.api_key, server.secret_key, endpoint=server.url
    ...     ) as client:
    ...         await client.pin_bytes(b"a new file", name="new")
    ...         async for pin in client.pins(sort_by="name"):
    ...             print(pin.name)
    >>> asyncio.run(main())
    new
    hello.txt

    Its arguments are those of :class:`Client`.
    """

    @cached_property
    def _loop(self) -> EventLoop:
        return EventLoop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def pin_file(
        self,
        path: StrPath,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_file`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_file(path, options))

    async def pin_folder(
        self,
        path: StrPath,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        hidden: bool = False,
        symlinks: Symlinks = "refuse",
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_folder`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            hidden=hidden,
            symlinks=symlinks,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_folder(path, options))

    async def pin_path(
        self,
        path: StrPath,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        hidden: bool = False,
        symlinks: Symlinks = "refuse",
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_path`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            hidden=hidden,
            symlinks=symlinks,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_path(path, options))

    async def pin_bytes(
        self,
        data: BytesLike,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_bytes`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_bytes(to_bytes(data), options))

    async def pin_json(
        self,
        value: object,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_json`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_json(to_json(value), options))

    async def pin_stream(
        self,
        source: AsyncSource,
        *,
        length: int | None = None,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_stream`, and takes async iterables of bytes too.

        Files and other iterables are read on a thread, so that they don't hold up the event loop.
        """
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        feed = Feed()
        call = self._native.pin_stream(feed, length, options)
        return await self._loop.run_fed(call, feed, source)

    async def pin_files(
        self,
        paths: Iterable[StrPath],
        *,
        concurrency: int = 4,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: Verify = "report",
        skip_if_pinned: bool = False,
        hidden: bool = False,
        symlinks: Symlinks = "refuse",
        progress: OnProgress | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> list[Pin | PinningError]:
        """As :meth:`Client.pin_files`."""
        options = UploadOptions(
            name=name,
            keyvalues=keyvalues,
            profile=profile,
            verify=verify,
            skip_if_pinned=skip_if_pinned,
            hidden=hidden,
            symlinks=symlinks,
            progress=progress,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_files(list(paths), concurrency, options))

    async def pin_by_cid(
        self,
        cid: str,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        skip_if_pinned: bool = False,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """As :meth:`Client.pin_by_cid`."""
        options = ByCidOptions(
            name=name,
            keyvalues=keyvalues,
            skip_if_pinned=skip_if_pinned,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_by_cid(cid, options))

    async def pin_cids(
        self,
        cids: Iterable[str],
        *,
        concurrency: int = 4,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        skip_if_pinned: bool = False,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> list[Pin | PinningError]:
        """As :meth:`Client.pin_cids`."""
        options = ByCidOptions(
            name=name,
            keyvalues=keyvalues,
            skip_if_pinned=skip_if_pinned,
            timeout=timeout,
            retry=retry,
        )
        return await self._loop.run(self._native.pin_cids(list(cids), concurrency, options))

    async def get_pin(self, id: str) -> Pin:
        """As :meth:`Client.get_pin`."""
        return await self._loop.run(self._native.get_pin(id))

    async def list_pins(
        self,
        *,
        offset: int = 0,
        limit: int | None = None,
        pinned: Filter = "all",
        sort_by: SortBy = "created_at",
        sort_order: SortOrder = "desc",
        keyvalues: Mapping[str, str] | None = None,
    ) -> Page:
        """As :meth:`Client.list_pins`."""
        options = Listing(
            offset=offset,
            limit=limit,
            pinned=pinned,
            sort_by=sort_by,
            sort_order=sort_order,
            keyvalues=keyvalues,
        )
        return await self._loop.run(self._native.list_pins(options))

    def pins(
        self,
        *,
        offset: int = 0,
        limit: int | None = None,
        pinned: Filter = "all",
        sort_by: SortBy = "created_at",
        sort_order: SortOrder = "desc",
        keyvalues: Mapping[str, str] | None = None,
    ) -> AsyncPins:
        """As :meth:`Client.pins`, for ``async for``."""
        options = Listing(
            offset=offset,
            limit=limit,
            pinned=pinned,
            sort_by=sort_by,
            sort_order=sort_order,
            keyvalues=keyvalues,
        )
        return AsyncPins(self._native.pins(options), self._loop)

    async def unpin(self, id: str) -> None:
        """As :meth:`Client.unpin`."""
        await self._loop.run(self._native.unpin(id))

    async def unpin_many(
        self,
        ids: Iterable[str],
        *,
        concurrency: int = 4,
    ) -> list[PinningError | None]:
        """As :meth:`Client.unpin_many`."""
        return await self._loop.run(self._native.unpin_many(list(ids), concurrency))

    async def wait_until_pinned(
        self,
        id: str,
        *,
        deadline: Seconds | None = None,
        first_delay: Seconds | None = None,
        max_delay: Seconds | None = None,
    ) -> Pin:
        """As :meth:`Client.wait_until_pinned`."""
        return await self._loop.run(
            self._native.wait_until_pinned(
                id, deadline=deadline, first_delay=first_delay, max_delay=max_delay
            )
        )

    async def check_credentials(self) -> None:
        """As :meth:`Client.check_credentials`."""
        await self._loop.run(self._native.check_credentials())

    async def verify(
        self,
        content: StrPath | BytesLike,
        cid: str,
        *,
        gateway: str | None = None,
        hidden: bool = False,
        symlinks: LinksOfContent = "preserve",
    ) -> Proof:
        """As :meth:`Client.verify`."""
        return await self._loop.run(
            self._native.verify(
                to_path_or_bytes(content), cid, gateway=gateway, hidden=hidden, symlinks=symlinks
            )
        )
