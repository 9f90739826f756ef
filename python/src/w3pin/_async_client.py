"""The client for asyncio."""

from __future__ import annotations

from w3pin._async_retriever import AsyncRetriever
from w3pin._batches import AsyncBatch
from w3pin._connection import Connection
from w3pin._event_loop import EventLoop
from w3pin._json import to_json
from w3pin._native import Feed
from w3pin._pins import AsyncPins
from w3pin._prepared import kept
from w3pin._streams import with_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from w3pin._errors import PinningError
    from w3pin._inputs import CidItem, FileItem
    from w3pin._models import Page, PreparedUpload, Synced
    from w3pin._options import (
        ClientOptions,
        ListOptions,
        PinByCidOptions,
        PinCarOptions,
        PinCidsOptions,
        PinFileOptions,
        PinFilesOptions,
        PinFolderOptions,
        PinPathOptions,
        PinStreamOptions,
        PrepareOptions,
        SyncFolderOptions,
        UnpinManyOptions,
        WaitOptions,
    )
    from w3pin._pin import Pin
    from w3pin._types import AsyncStream, BytesLike, Collection, Content, Folder, StrPath

__all__ = ["AsyncClient"]


class AsyncClient(Connection):
    """A client of a pinning service, for one account, whose calls are coroutines of asyncio.

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

    Settings that aren't set are taken from the environment (``W3PIN_API_KEY``,
    ``W3PIN_SECRET_KEY``, ``W3PIN_ENDPOINT`` and so on) or from w3pin's config file.

    Args:
        api_key, secret_key: The account's API key and secret key.
        options: See :class:`ClientOptions`.

    Raises:
        InvalidInputError: A key is missing, or a setting can't be used.
    """

    __slots__ = ("_loop",)

    def __init__(
        self,
        api_key: str | None = None,
        secret_key: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(api_key, secret_key, **options)
        self._loop = EventLoop("AsyncClient")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def retriever(self) -> AsyncRetriever:
        """Returns a retriever that uses this client's gateways and connections."""
        return AsyncRetriever._over(self._native.retriever())

    async def pin_file(self, path: StrPath, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins a file by uploading it.

        Args:
            path: The file's path; a symbolic link there is followed.
            options: See :class:`PinFileOptions`.

        Raises:
            LocalIoError: The file can't be read, or changes size during the upload.
            InvalidInputError: It is empty, a folder, or has a name that can't be sent.
            CidMismatchError: Proof is required and missing.
            PinningError: The service rejects the pin for another reason.
        """
        return await self._loop.run(self._native.pin_file(path, options))

    async def pin_car(self, path: StrPath, **options: Unpack[PinCarOptions]) -> Pin:
        """Pins the content of a CAR file by uploading it.

        The pin has the blocks and the root CID of the CAR, which must name one root and contain all
        blocks below it. Not every service accepts CARs, so the client asks before it sends
        anything; ``w3pin serve`` does. Unless a name is set, the pin is named after the file,
        without ``.car``.

        Args:
            path: The CAR file's path.
            options: See :class:`PinCarOptions`.

        Raises:
            InvalidInputError: The service doesn't accept CARs, or the CAR has no root, several
                roots, or lacks a block.
            DecodeError: The file isn't a CAR, is truncated, or contains a block that doesn't match
                its CID.
            PinningError: The service rejects the pin for another reason.
        """
        return await self._loop.run(self._native.pin_car(path, options))

    async def pin_folder(self, folder: Folder, **options: Unpack[PinFolderOptions]) -> Pin:
        """Pins a folder by uploading all files in it.

        The root is the folder itself. Empty folders are left out, because an upload can't carry
        them. A folder in memory is named after the pin.

        Args:
            folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
            options: See :class:`PinFolderOptions`.
        """
        return await self._loop.run(self._native.pin_folder(folder, options))

    async def sync_folder(
        self, folder: Folder, name: str, **options: Unpack[SyncFolderOptions]
    ) -> Synced:
        """Keeps a folder pinned under a name: uploads it if it has changed, and unpins older
        deploys of that name.

        The CID is computed first; if the newest deploy has it, nothing is sent. Otherwise the
        folder is uploaded, its CID is proved, and the call waits until it is pinned. Only then are
        older deploys removed. Pins that weren't created by a sync of this name are never touched.

        Args:
            folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
            name: The name of the deployment; use a different name for each folder.
            options: See :class:`SyncFolderOptions`.
        """
        return await self._loop.run(self._native.sync_folder(folder, name, options))

    async def pin_path(self, path: StrPath, **options: Unpack[PinPathOptions]) -> Pin:
        """Pins the file or folder at a path by uploading it.

        Args:
            path: The path of a file or folder.
            options: See :class:`PinPathOptions`.
        """
        return await self._loop.run(self._native.pin_path(path, options))

    async def pin_bytes(self, bytes: BytesLike, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins bytes in memory.

        The file is named ``bytes`` unless it or the pin has a name.

        Args:
            bytes: The bytes; at least one. Mutable objects, such as a ``bytearray``, are copied.
            options: See :class:`PinFileOptions`.
        """
        return await self._loop.run(self._native.pin_bytes(bytes, options))

    async def pin_json(self, value: object, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.

        The file is named ``data.json`` unless it or the pin has a name.

        Args:
            value: The value; integers beyond 2^53 aren't exact in JSON and are rejected.
            options: See :class:`PinFileOptions`.
        """
        return await self._loop.run(self._native.pin_json(to_json(value), options))

    async def pin_stream(self, stream: AsyncStream, **options: Unpack[PinStreamOptions]) -> Pin:
        """Pins the content of a stream; once the first byte has been sent, the upload can't be
        retried.

        If the response is lost, the client searches for the pin. The name of a file and, if it is
        known without reading, its length are taken from the file unless set.

        Args:
            stream: The stream, which is read once. Anything that :meth:`Client.pin_stream` takes,
                which is read on a thread; an async iterable of bytes; or an object with an
                async ``read``, such as an ``UploadFile``.
            options: See :class:`PinStreamOptions`.
        """
        feed = Feed()
        call = self._native.pin_stream(feed, with_own(stream, options))
        return await self._loop.run_fed(call, feed, stream)

    async def pin_by_cid(self, cid: str, **options: Unpack[PinByCidOptions]) -> Pin:
        """Pins content that is already on IPFS; the service fetches it, which can take a long time.

        It may never end: see :meth:`wait_until_pinned`.

        Args:
            cid: The CID of the content's root. ``ipfs://CID``, ``/ipfs/CID`` and the URL of a
                gateway are accepted, too.
            options: See :class:`PinByCidOptions`.
        """
        return await self._loop.run(self._native.pin_by_cid(cid, options))

    async def get_pin(self, id: str) -> Pin:
        """Retrieves a pin.

        Args:
            id: The pin's id.

        Raises:
            NotFoundError: The account has no such pin.
        """
        return await self._loop.run(self._native.get_pin(id))

    async def list_pins(self, **options: Unpack[ListOptions]) -> Page:
        """Lists one page of the account's pins.

        Args:
            options: See :class:`ListOptions`.
        """
        return await self._loop.run(self._native.list_pins(options))

    def pins(self, **options: Unpack[ListOptions]) -> AsyncPins:
        """Lists all of the account's pins and requests pages as they are needed.

        Args:
            options: See :class:`ListOptions`.
        """
        return AsyncPins(self._native.pins(options), self._loop)

    async def unpin(self, id: str) -> None:
        """Removes a pin.

        Args:
            id: The pin's id.

        Raises:
            NotFoundError: The account has no such pin.
            ApiError: The pin is too new; ``retry_after`` says how long to wait.
        """
        await self._loop.run(self._native.unpin(id))

    async def wait_until_pinned(self, id: str, **options: Unpack[WaitOptions]) -> Pin:
        """Waits until the service has pinned the content.

        Args:
            id: The pin's id.
            options: See :class:`WaitOptions`.

        Raises:
            RequestTimeoutError: The deadline passed. It may become pinned later.
            ApiError: The service gave up on it.
        """
        return await self._loop.run(self._native.wait_until_pinned(id, options))

    async def check_credentials(self) -> None:
        """Checks that the service accepts the credentials.

        Raises:
            AuthenticationError: It doesn't.
        """
        await self._loop.run(self._native.check_credentials())

    async def pin_files(
        self, items: Collection[StrPath | FileItem], **options: Unpack[PinFilesOptions]
    ) -> list[Pin | PinningError]:
        """Pins many files or folders, each as its own pin, and returns the results in the order of
        the items.

        A failure doesn't stop the others: it is the result of its item.

        Args:
            items: Paths, each optionally with its own name and key-values.
            options: See :class:`PinFilesOptions`.
        """
        return await self._loop.run(self._native.pin_files(items, options))

    def pin_files_as_completed(
        self, items: Collection[StrPath | FileItem], **options: Unpack[PinFilesOptions]
    ) -> AsyncBatch[Pin]:
        """Pins many files or folders, each as its own pin, and yields each result as soon as it is
        available.

        Args:
            items: Paths, each optionally with its own name and key-values.
            options: See :class:`PinFilesOptions`.
        """
        return AsyncBatch(self._native.pin_files_as_completed(items, options), self._loop)

    async def pin_cids(
        self, items: Collection[str | CidItem], **options: Unpack[PinCidsOptions]
    ) -> list[Pin | PinningError]:
        """Pins many CIDs and returns the results in the order of the items.

        A failure doesn't stop the others: it is the result of its item.

        Args:
            items: CIDs, each optionally with its own name and key-values.
            options: See :class:`PinCidsOptions`.
        """
        return await self._loop.run(self._native.pin_cids(items, options))

    def pin_cids_as_completed(
        self, items: Collection[str | CidItem], **options: Unpack[PinCidsOptions]
    ) -> AsyncBatch[Pin]:
        """Pins many CIDs and yields each result as soon as it is available.

        Args:
            items: CIDs, each optionally with its own name and key-values.
            options: See :class:`PinCidsOptions`.
        """
        return AsyncBatch(self._native.pin_cids_as_completed(items, options), self._loop)

    async def unpin_many(
        self, ids: Collection[str], **options: Unpack[UnpinManyOptions]
    ) -> list[PinningError | None]:
        """Removes many pins and returns the results in the order of the ids.

        The result of a removed pin is ``None``.

        Args:
            ids: The pins' ids.
            options: See :class:`UnpinManyOptions`.
        """
        return await self._loop.run(self._native.unpin_many(ids, options))

    def unpin_many_as_completed(
        self, ids: Collection[str], **options: Unpack[UnpinManyOptions]
    ) -> AsyncBatch[None]:
        """Removes many pins and yields each result as soon as it is available.

        The result of a removed pin is ``None``.

        Args:
            ids: The pins' ids.
            options: See :class:`UnpinManyOptions`.
        """
        return AsyncBatch(self._native.unpin_many_as_completed(ids, options), self._loop)

    async def prepare_upload(
        self, content: Content, body: StrPath, **options: Unpack[PrepareOptions]
    ) -> PreparedUpload:
        """Prepares an upload for another HTTP stack to send, and writes its body to a file.

        Send it with the given method, URL and headers, pass the response to :meth:`finish_upload`,
        and remove the file.

        Args:
            content: A file or folder, on disk or in memory.
            body: The path of the file to write the body to, which must not exist.
            options: See :class:`PrepareOptions`.
        """
        return await self._loop.run(self._native.prepare_upload(content, body, options))

    async def finish_upload(self, upload: PreparedUpload, status: int, response: BytesLike) -> Pin:
        """Checks the response to a prepared upload and returns the pin.

        If the service has already pinned the content, the existing pin is returned.

        Args:
            upload: The prepared upload.
            status: The HTTP status of the response.
            response: The body of the response.
        """
        return await self._loop.run(self._native.finish_upload(kept(upload), status, response))
