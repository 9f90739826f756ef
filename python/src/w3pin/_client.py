"""The client."""

from __future__ import annotations

from w3pin._connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from w3pin._batches import Batch
    from w3pin._errors import PinningError
    from w3pin._inputs import CidItem, FileItem
    from w3pin._models import Page, PreparedUpload, Synced
    from w3pin._options import (
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
    from w3pin._pins import Pins
    from w3pin._retriever import Retriever
    from w3pin._types import BytesLike, Collection, Content, Folder, Stream, StrPath

__all__ = ["Client"]


class Client(Connection):
    """A client of a pinning service, for one account.

    It can be used by several threads at once. Ctrl-C stops its calls, and other threads run while
    it waits.

    >>> with Client(server.api_key, server.secret_key, endpoint=server.url) as client:
    ...     client.pin_bytes(b"a new file").status
    'PENDING'

    Settings that aren't set are taken from the environment (``W3PIN_API_KEY``,
    ``W3PIN_SECRET_KEY``, ``W3PIN_ENDPOINT`` and so on) or from w3pin's config file.

    Args:
        api_key, secret_key: The account's API key and secret key.
        options: See :class:`ClientOptions`.

    Raises:
        InvalidInputError: A key is missing, or a setting can't be used.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def retriever(self) -> Retriever:
        """Returns a retriever that uses this client's gateways and connections.

        >>> client.retriever().read(pin.cid)
        b'hello'
        """
        from w3pin._retriever import Retriever

        return Retriever._over(self._native.retriever())

    def pin_file(self, path: StrPath, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins a file by uploading it.

        >>> pin = client.pin_file("report.txt", name="report", keyvalues={"year": "2026"})
        >>> pin.name, pin.verification.result
        ('report', 'verified')

        Args:
            path: The file's path; a symbolic link there is followed.
            options: See :class:`PinFileOptions`.

        Raises:
            LocalIoError: The file can't be read, or changes size during the upload.
            InvalidInputError: It is empty, a folder, or has a name that can't be sent.
            CidMismatchError: Proof is required and missing.
            PinningError: The service rejects the pin for another reason.
        """
        return self._native.pin_file(path, options).wait()

    def pin_car(self, path: StrPath, **options: Unpack[PinCarOptions]) -> Pin:
        """Pins the content of a CAR file by uploading it.

        The pin has the blocks and the root CID of the CAR, which must name one root and contain all
        blocks below it. Not every service accepts CARs, so the client asks before it sends
        anything; ``w3pin serve`` does. Unless a name is set, the pin is named after the file,
        without ``.car``.

        >>> packed = w3pin.pack_car("site", "site.car")
        >>> client.pin_car("site.car").cid == packed.cid
        True

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
        return self._native.pin_car(path, options).wait()

    def pin_folder(self, folder: Folder, **options: Unpack[PinFolderOptions]) -> Pin:
        """Pins a folder by uploading all files in it.

        The root is the folder itself. Empty folders are left out, because an upload can't carry
        them. A folder in memory is named after the pin.

        >>> client.pin_folder("site").is_dir
        True
        >>> client.pin_folder({"0.json": b"{}", "images/0.png": b"..."}, name="drop").name
        'drop'

        Args:
            folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
            options: See :class:`PinFolderOptions`.
        """
        return self._native.pin_folder(folder, options).wait()

    def sync_folder(
        self, folder: Folder, name: str, **options: Unpack[SyncFolderOptions]
    ) -> Synced:
        """Keeps a folder pinned under a name: uploads it if it has changed, and unpins older
        deploys of that name.

        The CID is computed first; if the newest deploy has it, nothing is sent. Otherwise the
        folder is uploaded, its CID is proved, and the call waits until it is pinned. Only then are
        older deploys removed. Pins that weren't created by a sync of this name are never touched.

        >>> client.sync_folder("site", "example.org").outcome
        'pinned'
        >>> client.sync_folder("site", "example.org", keep=5).outcome
        'unchanged'

        Args:
            folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
            name: The name of the deployment; use a different name for each folder.
            options: See :class:`SyncFolderOptions`.
        """
        return self._native.sync_folder(folder, name, options).wait()

    def pin_path(self, path: StrPath, **options: Unpack[PinPathOptions]) -> Pin:
        """Pins the file or folder at a path by uploading it.

        >>> client.pin_path("site").is_dir, client.pin_path("report.txt").is_dir
        (True, False)

        Args:
            path: The path of a file or folder.
            options: See :class:`PinPathOptions`.
        """
        return self._native.pin_path(path, options).wait()

    def pin_bytes(self, bytes: BytesLike, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins bytes in memory.

        The file is named ``bytes`` unless it or the pin has a name.

        >>> client.pin_bytes(b"hello", name="hello.txt").cid
        'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'

        Args:
            bytes: The bytes; at least one. Mutable objects, such as a ``bytearray``, are copied.
            options: See :class:`PinFileOptions`.
        """
        return self._native.pin_bytes(bytes, options).wait()

    def pin_json(self, value: object, **options: Unpack[PinFileOptions]) -> Pin:
        """Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.

        The file is named ``data.json`` unless it or the pin has a name.

        >>> client.pin_json({"name": "A picture", "image": "ipfs://bafkqaaa"}).name
        'data.json'

        Args:
            value: The value; integers beyond 2^53 aren't exact in JSON and are rejected.
            options: See :class:`PinFileOptions`.
        """
        from w3pin._json import to_json

        return self._native.pin_json(to_json(value), options).wait()

    def pin_stream(self, stream: Stream, **options: Unpack[PinStreamOptions]) -> Pin:
        """Pins the content of a stream; once the first byte has been sent, the upload can't be
        retried.

        If the response is lost, the client searches for the pin. The name of a file and, if it is
        known without reading, its length are taken from the file unless set.

        >>> client.pin_stream((line.encode() for line in ["one", "two"]), name="lines").status
        'PENDING'

        Args:
            stream: The stream, which is read once. A file opened in binary mode, or an iterable of
                bytes, which is read on the calling thread, as fast as the service accepts it.
            options: See :class:`PinStreamOptions`.
        """
        from w3pin._streams import next_block, with_own

        block = next_block(stream)
        return self._native.pin_stream(block, with_own(stream, options)).wait()

    def pin_by_cid(self, cid: str, **options: Unpack[PinByCidOptions]) -> Pin:
        """Pins content that is already on IPFS; the service fetches it, which can take a long time.

        It may never end: see :meth:`wait_until_pinned`.

        >>> client.pin_by_cid("bafkqaaa", name="nothing").is_pin_by_hash
        True

        Args:
            cid: The CID of the content's root. ``ipfs://CID``, ``/ipfs/CID`` and the URL of a
                gateway are accepted, too.
            options: See :class:`PinByCidOptions`.
        """
        return self._native.pin_by_cid(cid, options).wait()

    def get_pin(self, id: str) -> Pin:
        """Retrieves a pin.

        >>> client.get_pin(pin.id) == pin
        True

        Args:
            id: The pin's id.

        Raises:
            NotFoundError: The account has no such pin.
        """
        return self._native.get_pin(id).wait()

    def list_pins(self, **options: Unpack[ListOptions]) -> Page:
        """Lists one page of the account's pins.

        >>> page = client.list_pins(limit=1, pinned="pinned")
        >>> len(page.pins), page.totals.files
        (1, 1)

        Args:
            options: See :class:`ListOptions`.
        """
        return self._native.list_pins(options).wait()

    def pins(self, **options: Unpack[ListOptions]) -> Pins:
        """Lists all of the account's pins and requests pages as they are needed.

        >>> [pin.name for pin in client.pins(sort_by="name")]
        ['hello.txt']

        Args:
            options: See :class:`ListOptions`.
        """
        from w3pin._pins import Pins

        return Pins(self._native.pins(options))

    def unpin(self, id: str) -> None:
        """Removes a pin.

        >>> client.unpin(pin.id)

        Args:
            id: The pin's id.

        Raises:
            NotFoundError: The account has no such pin.
            ApiError: The pin is too new; ``retry_after`` says how long to wait.
        """
        self._native.unpin(id).wait()

    def wait_until_pinned(self, id: str, **options: Unpack[WaitOptions]) -> Pin:
        """Waits until the service has pinned the content.

        >>> client.wait_until_pinned(pin.id, deadline=30).pinned
        True

        Args:
            id: The pin's id.
            options: See :class:`WaitOptions`.

        Raises:
            RequestTimeoutError: The deadline passed. It may become pinned later.
            ApiError: The service gave up on it.
        """
        return self._native.wait_until_pinned(id, options).wait()

    def check_credentials(self) -> None:
        """Checks that the service accepts the credentials.

        >>> client.check_credentials()

        Raises:
            AuthenticationError: It doesn't.
        """
        self._native.check_credentials().wait()

    def pin_files(
        self, items: Collection[StrPath | FileItem], **options: Unpack[PinFilesOptions]
    ) -> list[Pin | PinningError]:
        """Pins many files or folders, each as its own pin, and returns the results in the order of
        the items.

        A failure doesn't stop the others: it is the result of its item.

        >>> pin, error = client.pin_files(["report.txt", "missing.txt"])
        >>> pin.name, error.kind
        ('report.txt', 'local_io')

        Args:
            items: Paths, each optionally with its own name and key-values.
            options: See :class:`PinFilesOptions`.
        """
        return self._native.pin_files(items, options).wait()

    def pin_files_as_completed(
        self, items: Collection[StrPath | FileItem], **options: Unpack[PinFilesOptions]
    ) -> Batch[Pin]:
        """Pins many files or folders, each as its own pin, and yields each result as soon as it is
        available.

        >>> paths = ["report.txt", "missing.txt"]
        >>> for completed in client.pin_files_as_completed(paths, concurrency=1):
        ...     print(paths[completed.index], type(completed.result).__name__)
        report.txt Pin
        missing.txt LocalFileNotFoundError

        Args:
            items: Paths, each optionally with its own name and key-values.
            options: See :class:`PinFilesOptions`.
        """
        from w3pin._batches import Batch

        return Batch(self._native.pin_files_as_completed(items, options))

    def pin_cids(
        self, items: Collection[str | CidItem], **options: Unpack[PinCidsOptions]
    ) -> list[Pin | PinningError]:
        """Pins many CIDs and returns the results in the order of the items.

        A failure doesn't stop the others: it is the result of its item.

        >>> pin, error = client.pin_cids(["bafkqaaa", "oops"])
        >>> pin.cid, error.kind
        ('bafkqaaa', 'invalid_input')

        Args:
            items: CIDs, each optionally with its own name and key-values.
            options: See :class:`PinCidsOptions`.
        """
        return self._native.pin_cids(items, options).wait()

    def pin_cids_as_completed(
        self, items: Collection[str | CidItem], **options: Unpack[PinCidsOptions]
    ) -> Batch[Pin]:
        """Pins many CIDs and yields each result as soon as it is available.

        Args:
            items: CIDs, each optionally with its own name and key-values.
            options: See :class:`PinCidsOptions`.
        """
        from w3pin._batches import Batch

        return Batch(self._native.pin_cids_as_completed(items, options))

    def unpin_many(
        self, ids: Collection[str], **options: Unpack[UnpinManyOptions]
    ) -> list[PinningError | None]:
        """Removes many pins and returns the results in the order of the ids.

        The result of a removed pin is ``None``.

        >>> client.unpin_many([pin.id for pin in client.pins()])
        [None]

        Args:
            ids: The pins' ids.
            options: See :class:`UnpinManyOptions`.
        """
        return self._native.unpin_many(ids, options).wait()

    def unpin_many_as_completed(
        self, ids: Collection[str], **options: Unpack[UnpinManyOptions]
    ) -> Batch[None]:
        """Removes many pins and yields each result as soon as it is available.

        The result of a removed pin is ``None``.

        Args:
            ids: The pins' ids.
            options: See :class:`UnpinManyOptions`.
        """
        from w3pin._batches import Batch

        return Batch(self._native.unpin_many_as_completed(ids, options))

    def prepare_upload(
        self, content: Content, body: StrPath, **options: Unpack[PrepareOptions]
    ) -> PreparedUpload:
        """Prepares an upload for another HTTP stack to send, and writes its body to a file.

        Send it with the given method, URL and headers, pass the response to :meth:`finish_upload`,
        and remove the file.

        >>> upload = client.prepare_upload("report.txt", "body")
        >>> request = urllib.request.Request(
        ...     upload.url, open(upload.body, "rb"), dict(upload.headers), method=upload.method
        ... )
        >>> with urllib.request.urlopen(request) as response:
        ...     pin = client.finish_upload(upload, response.status, response.read())
        >>> pin.verification.result
        'verified'

        Args:
            content: A file or folder, on disk or in memory.
            body: The path of the file to write the body to, which must not exist.
            options: See :class:`PrepareOptions`.
        """
        return self._native.prepare_upload(content, body, options).wait()

    def finish_upload(self, upload: PreparedUpload, status: int, response: BytesLike) -> Pin:
        """Checks the response to a prepared upload and returns the pin.

        If the service has already pinned the content, the existing pin is returned.

        Args:
            upload: The prepared upload.
            status: The HTTP status of the response.
            response: The body of the response.
        """
        from w3pin._prepared import kept

        return self._native.finish_upload(kept(upload), status, response).wait()
