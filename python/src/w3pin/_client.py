"""The client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from w3pin._connection import Connection
from w3pin._content import next_block, to_bytes, to_json, to_path_or_bytes
from w3pin._native import ByCidOptions, Listing, UploadOptions
from w3pin._pins import Pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from w3pin._errors import PinningError
    from w3pin._models import Page, Pin, Proof
    from w3pin._native import RetryPolicy
    from w3pin._types import (
        BytesLike,
        Filter,
        LinksOfContent,
        OnProgress,
        Seconds,
        SortBy,
        SortOrder,
        Source,
        StrPath,
        Symlinks,
        Verify,
    )

__all__ = ["Client"]


class Client(Connection):
    """A client of a pinning service, for one account.

    It may be used by many threads at once. Ctrl-C stops what it does, and other threads run while
    it waits.

    >>> with Client(server.api_key, server.secret_key, endpoint=server.url) as client:
    ...     client.pin_bytes(b"a new file").status
    'PENDING'

    What isn't given comes from the environment (``W3PIN_API_KEY``, ``W3PIN_SECRET_KEY``,
    ``W3PIN_ENDPOINT``) or the config file that the ``w3pin`` command writes too.

    Args:
        api_key: The account's API key.
        secret_key: The account's secret key.
        endpoint: The service's base URL, mostly ending in ``/api/pinning``, or the name of a known
            one, as ``aiozpin``.
        insecure_http: Whether the keys may travel over plain http to another machine.
        profile: The layout in which the service imports files, as ``kubo-cidv1-legacy``, by which
            it is proved what was pinned.
        connect_timeout: Seconds, or a ``timedelta``, until there is a connection; 10 unless given.
        idle_timeout: The time in which a request or its answer may get no further; 60 seconds
            unless given.
        call_timeout: The time of a whole call with all its tries; 60 seconds unless given. Uploads
            are limited by their own ``timeout`` only.
        retry: How often calls are tried.
        requests_per_minute: How many requests go out at most, 0 for no limit; the public service's
            own limit unless given, and none to this machine.
        proxy: A proxy's URL (``http``, ``https``, ``socks5``), or False for none, whatever the
            environment says.
        root_certificates: Certificates in PEM to trust beside the usual ones.
        platform_roots: Whether the system's root certificates are trusted rather than Mozilla's.
        user_agent: The name that the service sees.

    Raises:
        InvalidInputError: A key is missing, or a setting can't be used.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pin_file(
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
        """Pins a file by sending it.

        >>> pin = client.pin_file("report.txt", name="report", keyvalues={"year": "2026"})
        >>> pin.name, pin.verification.result
        ('report', 'verified')

        Args:
            path: The file. A symbolic link is followed.
            name: What listings show; the file's own name unless given.
            keyvalues: Pairs to find the pin by.
            profile: The layout that the service is expected to use; the client's unless given.
            verify: ``report`` tells in the pin what was proved, ``require`` makes anything but a
                proof an error, and ``off`` computes nothing.
            skip_if_pinned: Whether content that the account has pinned already is left as it is.
            progress: Told how far the upload is, ten times a second at most. What it raises ends
                the upload.
            timeout: Seconds, or a ``timedelta``, that the whole call may take; no limit unless
                given.
            retry: How often the call is tried; as the client unless given.

        Raises:
            LocalIoError: The file can't be read, or changes its size meanwhile.
            InvalidInputError: It is empty, a folder, or has a name that can't be sent.
            CidMismatchError: Proof is required and missing.
            PinningError: Whatever else the service refuses.
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
        return self._native.pin_file(path, options).wait()

    def pin_folder(
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
        """Pins a folder, with all files in it, by sending them.

        The root is the folder itself, under its own name. Folders without files are left out, as an
        upload can't carry them.

        >>> client.pin_folder("site").is_dir
        True

        Args:
            path: The folder.
            name: What listings show; the folder's own name unless given.
            keyvalues: See :meth:`pin_file`, as for all that isn't described here.
            profile: See there.
            verify: See there.
            skip_if_pinned: See there.
            hidden: Whether files and folders whose names begin with a dot are sent too.
            symlinks: What becomes of symbolic links in the folder: ``refuse`` makes one an error,
                ``follow`` takes what they point to, ``skip`` leaves them out.
            progress: See :meth:`pin_file`.
            timeout: See there.
            retry: See there.
        """
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
        return self._native.pin_folder(path, options).wait()

    def pin_path(
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
        """Pins a file or a folder, whichever is at ``path``.

        The options are those of :meth:`pin_folder`.

        >>> client.pin_path("site").is_dir, client.pin_path("report.txt").is_dir
        (True, False)
        """
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
        return self._native.pin_path(path, options).wait()

    def pin_bytes(
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
        """Pins bytes in memory. The file is called by the pin's name, or ``bytes``.

        The options are those of :meth:`pin_file`. What can change, as a ``bytearray`` can, is
        copied.

        >>> client.pin_bytes(b"hello", name="hello.txt").cid
        'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
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
        return self._native.pin_bytes(to_bytes(data), options).wait()

    def pin_json(
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
        """Pins a value as a JSON document. The file is called by the pin's name, or ``data.json``.

        The options are those of :meth:`pin_file`.

        >>> client.pin_json({"name": "A picture", "image": "ipfs://bafkqaaa"}).name
        'data.json'
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
        return self._native.pin_json(to_json(value), options).wait()

    def pin_stream(
        self,
        source: Source,
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
        """Pins what a stream gives. The file is called by the pin's name, or ``stream``.

        Once its first byte has gone out an upload can't be sent again: if its answer is lost, the
        pin is looked for. The other options are those of :meth:`pin_file`.

        >>> client.pin_stream((line.encode() for line in ["one", "two"]), name="lines").status
        'PENDING'

        Args:
            source: A file opened in binary mode, or an iterable of bytes. It is read on the thread
                that makes the call, as fast as the service takes it.
            length: How many bytes there are, where that is known. Any other number is an error.
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
        call = self._native.pin_stream(next_block(source), length, options)
        return call.wait()

    def pin_files(
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
        """Pins each of these files or folders for itself, some at once.

        A failure stops none of the others: it is the result in its place. The other options are
        those of :meth:`pin_folder`.

        >>> pin, error = client.pin_files(["report.txt", "missing.txt"])
        >>> pin.name, error.kind
        ('report.txt', 'local_io')

        Args:
            paths: The files and folders.
            concurrency: How many are under way at any moment.

        Returns:
            The pin or the error of each, in the order given.
        """
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
        return self._native.pin_files(list(paths), concurrency, options).wait()

    def pin_by_cid(
        self,
        cid: str,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        skip_if_pinned: bool = False,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
    ) -> Pin:
        """Pins content that is on IPFS already, which the service fetches.

        That may take long, or never end: see :meth:`wait_until_pinned`.

        >>> client.pin_by_cid("bafkqaaa", name="nothing").is_pin_by_hash
        True

        Args:
            cid: The root of the content.
            name: What listings show.
            keyvalues: Pairs to find the pin by.
            skip_if_pinned: Whether a pin of this content that the account has is answered instead.
            timeout: Seconds, or a ``timedelta``, that the whole call may take; as the client unless
                given.
            retry: How often the call is tried; as the client unless given.
        """
        options = ByCidOptions(
            name=name,
            keyvalues=keyvalues,
            skip_if_pinned=skip_if_pinned,
            timeout=timeout,
            retry=retry,
        )
        return self._native.pin_by_cid(cid, options).wait()

    def pin_cids(
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
        """Pins each of these CIDs, some at once; see :meth:`pin_by_cid` and :meth:`pin_files`."""
        options = ByCidOptions(
            name=name,
            keyvalues=keyvalues,
            skip_if_pinned=skip_if_pinned,
            timeout=timeout,
            retry=retry,
        )
        return self._native.pin_cids(list(cids), concurrency, options).wait()

    def get_pin(self, id: str) -> Pin:
        """Retrieves a pin.

        >>> client.get_pin(pin.id) == pin
        True

        Raises:
            NotFoundError: The account has no such pin.
        """
        return self._native.get_pin(id).wait()

    def list_pins(
        self,
        *,
        offset: int = 0,
        limit: int | None = None,
        pinned: Filter = "all",
        sort_by: SortBy = "created_at",
        sort_order: SortOrder = "desc",
        keyvalues: Mapping[str, str] | None = None,
    ) -> Page:
        """Lists one page of the account's pins.

        >>> page = client.list_pins(limit=1, pinned="pinned")
        >>> len(page.pins), page.totals.files
        (1, 1)

        Args:
            offset: How many pins to pass over.
            limit: How many to answer at most; 10 unless given.
            pinned: Whether to list ``all`` pins, or those that are ``pinned`` or ``unpinned``.
            sort_by: ``created_at``, ``size`` or ``name``.
            sort_order: ``asc`` or ``desc``.
            keyvalues: List only pins that carry all of these pairs.
        """
        options = Listing(
            offset=offset,
            limit=limit,
            pinned=pinned,
            sort_by=sort_by,
            sort_order=sort_order,
            keyvalues=keyvalues,
        )
        return self._native.list_pins(options).wait()

    def pins(
        self,
        *,
        offset: int = 0,
        limit: int | None = None,
        pinned: Filter = "all",
        sort_by: SortBy = "created_at",
        sort_order: SortOrder = "desc",
        keyvalues: Mapping[str, str] | None = None,
    ) -> Pins:
        """All of the account's pins, read page by page as they are asked for.

        >>> [pin.name for pin in client.pins(sort_by="name", limit=100)]
        ['hello.txt']

        The options are those of :meth:`list_pins`, where ``limit`` is the size of a page.
        """
        options = Listing(
            offset=offset,
            limit=limit,
            pinned=pinned,
            sort_by=sort_by,
            sort_order=sort_order,
            keyvalues=keyvalues,
        )
        return Pins(self._native.pins(options))

    def unpin(self, id: str) -> None:
        """Unpins content.

        >>> client.unpin(pin.id)

        Raises:
            NotFoundError: The account has no such pin.
            ApiError: It is too young; ``retry_after`` says how long to wait.
        """
        self._native.unpin(id).wait()

    def unpin_many(self, ids: Iterable[str], *, concurrency: int = 4) -> list[PinningError | None]:
        """Unpins each of these pins, some at once; see :meth:`unpin` and :meth:`pin_files`.

        Returns:
            Nothing or the error of each, in the order given.
        """
        return self._native.unpin_many(list(ids), concurrency).wait()

    def wait_until_pinned(
        self,
        id: str,
        *,
        deadline: Seconds | None = None,
        first_delay: Seconds | None = None,
        max_delay: Seconds | None = None,
    ) -> Pin:
        """Looks at a pin until its content is pinned.

        >>> client.wait_until_pinned(pin.id, deadline=30).pinned
        True

        Args:
            id: The pin.
            deadline: How long to wait in all; ten minutes unless given.
            first_delay: The wait between the first two looks, which grows by half each time; one
                second unless given.
            max_delay: The longest wait between two looks; thirty seconds unless given.

        Raises:
            RequestTimeoutError: The deadline passed. It may become pinned later.
            ApiError: The service gave up on it.
        """
        return self._native.wait_until_pinned(
            id, deadline=deadline, first_delay=first_delay, max_delay=max_delay
        ).wait()

    def check_credentials(self) -> None:
        """Asks whether the service accepts the credentials.

        >>> client.check_credentials()

        Raises:
            AuthenticationError: It doesn't.
        """
        self._native.check_credentials().wait()

    def verify(
        self,
        content: StrPath | BytesLike,
        cid: str,
        *,
        gateway: str | None = None,
        hidden: bool = False,
        symlinks: LinksOfContent = "preserve",
    ) -> Proof:
        """Proves that a DAG is given content, whatever its layout.

        The blocks that hold links are fetched from a gateway and checked against their CIDs; the
        content is cut by their sizes, and every piece compared by its digest. What the gateway
        serves can make the proof fail, never succeed.

        >>> client.verify(b"hello", pin.cid)
        Proof(files=1, bytes=5, blocks_fetched=0)

        Args:
            content: The path of a file or folder, or a file's bytes.
            cid: The root of the DAG.
            gateway: The URL of a gateway, which needs no trust; a public one unless given.
            hidden: Whether files and folders whose names begin with a dot count.
            symlinks: What becomes of symbolic links in the folder; see :func:`compute_cid`.

        Raises:
            CidMismatchError: It isn't that content. The error says which file and where.
        """
        return self._native.verify(
            to_path_or_bytes(content), cid, gateway=gateway, hidden=hidden, symlinks=symlinks
        ).wait()
