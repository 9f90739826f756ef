"""The retriever."""

from __future__ import annotations

from w3pin._native import NativeRetriever
from w3pin._retrieved import ContentReader, ContentStream, FolderEntries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from w3pin._models import Fetched, Node
    from w3pin._options import FetchOptions, ReadOptions, RetrieverOptions
    from w3pin._types import StrPath

__all__ = ["Retriever", "RetrieverConnection"]


class RetrieverConnection:
    """The settings of a retriever, and its connections."""

    __slots__ = ("__weakref__", "_native")

    def __init__(self, **options: Unpack[RetrieverOptions]) -> None:
        self._native = NativeRetriever(options)

    @classmethod
    def _over(cls, native: NativeRetriever) -> Self:
        """A retriever over the connections of a client."""
        retriever = cls.__new__(cls)
        retriever._native = native
        return retriever

    def close(self) -> None:
        """Closes the connections, once calls under way have ended; there can be no others."""
        self._native.close()

    def __reduce__(self) -> tuple[Self]:
        raise TypeError(f"a {type(self).__name__} can't be pickled; make one in each process")


class Retriever(RetrieverConnection):
    """Reads content back from gateways and verifies every byte against its CID before returning it.

    No account is required, and no gateway is trusted: one that serves a wrong block isn't asked
    again, and the others supply what is missing. It can be used by several threads at once. Ctrl-C
    stops its calls.

    >>> with Retriever(gateways=[server.gateway]) as retriever:
    ...     retriever.read(pin.cid)
    b'hello'

    Gateways that aren't set are taken from the environment (``W3PIN_GATEWAYS``) or the config
    file; the default is a public one.

    Args:
        options: See :class:`RetrieverOptions`.

    Raises:
        InvalidInputError: A setting can't be used.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def resolve(self, path: str) -> Node:
        """Resolves a path to a file, a folder or a symbolic link.

        >>> retriever.resolve(pin.cid).size
        5

        Args:
            path: A CID, optionally followed by a path. ``ipfs://CID``, ``/ipfs/CID`` and the URL of
                a gateway are accepted, too.

        Raises:
            NotFoundError: Nothing exists at the path, or no gateway has it.
        """
        return self._native.resolve(path).wait()

    def read(self, path: str, **options: Unpack[ReadOptions]) -> bytes:
        """Reads a file, or a range of it, into memory.

        >>> retriever.read(pin.cid, start=1, end=3)
        b'el'

        Args:
            path: A CID, optionally followed by a path.
            options: See :class:`ReadOptions`.

        Raises:
            InvalidInputError: It isn't a file, or is larger than ``most_bytes``.
            NotFoundError: Nothing exists at the path, or no gateway has it.
        """
        return self._native.read(path, options).wait()

    def stream(self, path: str, **options: Unpack[ReadOptions]) -> ContentStream:
        """Streams a file, or a range of it.

        >>> with retriever.stream(pin.cid) as stream:
        ...     b"".join(stream)
        b'hello'

        Args:
            path: A CID, optionally followed by a path.
            options: See :class:`ReadOptions`.
        """
        return ContentStream(self._native.stream(path, options))

    def open(self, path: str) -> ContentReader:
        """Opens a file for random access.

        >>> with retriever.open(pin.cid) as file:
        ...     file.seek(-2, io.SEEK_END), file.read()
        (3, b'lo')

        Args:
            path: A CID, optionally followed by a path.

        Raises:
            InvalidInputError: It is no file.
        """
        return ContentReader(self._native.open(path).wait())

    def list(self, path: str) -> FolderEntries:
        """Lists the entries of a folder.

        >>> site = client.pin_folder("site")
        >>> client.wait_until_pinned(site.id).pinned
        True
        >>> [(entry.name, entry.size) for entry in retriever.list(site.cid)]
        [('index.html', 15)]

        Args:
            path: A CID, optionally followed by a path.
        """
        return FolderEntries(self._native.list(path))

    def fetch(self, path: str, destination: StrPath, **options: Unpack[FetchOptions]) -> Fetched:
        """Writes a file or folder to disk.

        A file gets its final name once it is complete. Content that is already on disk is compared
        by its
        digests, and only what is missing is fetched; call it again to resume after an interruption.

        >>> retriever.fetch(pin.cid, "hello.txt").bytes
        5

        Args:
            path: A CID, optionally followed by a path.
            destination: The path of the file or folder to write.
            options: See :class:`FetchOptions`.

        Raises:
            LocalIoError: It can't be written, or a file with other content exists.
            DecodeError: A name or a link would lead out of the destination.
        """
        return self._native.fetch(path, destination, options).wait()
