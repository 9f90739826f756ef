"""Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), prove what was pinned, and read it
back with proof.

>>> with w3pin.Client() as client:
...     pin = client.pin_file("report.txt", name="report")
...     print(pin.name, pin.status, pin.verification.result)
report PENDING verified
"""

from __future__ import annotations

from w3pin import _platform  # noqa: F401
from w3pin._native import __version__

# Type checkers treat this as `typing.TYPE_CHECKING`, which takes longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from w3pin import progress
    from w3pin._async_client import AsyncClient
    from w3pin._async_retrieved import AsyncContentReader, AsyncContentStream, AsyncFolderEntries
    from w3pin._async_retriever import AsyncRetriever
    from w3pin._batches import AsyncBatch, Batch
    from w3pin._client import Client
    from w3pin._errors import (
        AlreadyPinnedError,
        ApiError,
        AuthenticationError,
        CidMismatchError,
        DecodeError,
        InsufficientFundsError,
        InvalidInputError,
        LocalIoError,
        NotFoundError,
        PermissionDeniedError,
        PinningError,
        RateLimitError,
        RequestTimeoutError,
        TransportError,
    )
    from w3pin._inputs import CidItem, FileItem, RetryPolicy
    from w3pin._local import compute_cid, pack_car, preview_upload, verify
    from w3pin._models import (
        Completed,
        Fetched,
        FetchProgress,
        FolderEntry,
        Node,
        PackedCar,
        Page,
        PreparedUpload,
        PreviewedFile,
        Progress,
        Proof,
        Root,
        Synced,
        Totals,
        UnreadablePin,
        UploadPreview,
    )
    from w3pin._options import (
        CidOptions,
        ClientOptions,
        FetchOptions,
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
        PreviewOptions,
        ReadOptions,
        RetrieverOptions,
        SyncFolderOptions,
        UnpinManyOptions,
        VerifyOptions,
        WaitOptions,
    )
    from w3pin._pin import Pin, Verification
    from w3pin._pins import AsyncPins, Pins
    from w3pin._retrieved import ContentReader, ContentStream, FolderEntries
    from w3pin._retriever import Retriever

__all__ = [
    "AlreadyPinnedError",
    "ApiError",
    "AsyncBatch",
    "AsyncClient",
    "AsyncContentReader",
    "AsyncContentStream",
    "AsyncFolderEntries",
    "AsyncPins",
    "AsyncRetriever",
    "AuthenticationError",
    "Batch",
    "CidItem",
    "CidMismatchError",
    "CidOptions",
    "Client",
    "ClientOptions",
    "Completed",
    "ContentReader",
    "ContentStream",
    "DecodeError",
    "FetchOptions",
    "FetchProgress",
    "Fetched",
    "FileItem",
    "FolderEntries",
    "FolderEntry",
    "InsufficientFundsError",
    "InvalidInputError",
    "ListOptions",
    "LocalIoError",
    "Node",
    "NotFoundError",
    "PackedCar",
    "Page",
    "PermissionDeniedError",
    "Pin",
    "PinByCidOptions",
    "PinCarOptions",
    "PinCidsOptions",
    "PinFileOptions",
    "PinFilesOptions",
    "PinFolderOptions",
    "PinPathOptions",
    "PinStreamOptions",
    "PinningError",
    "Pins",
    "PrepareOptions",
    "PreparedUpload",
    "PreviewOptions",
    "PreviewedFile",
    "Progress",
    "Proof",
    "RateLimitError",
    "ReadOptions",
    "RequestTimeoutError",
    "Retriever",
    "RetrieverOptions",
    "RetryPolicy",
    "Root",
    "SyncFolderOptions",
    "Synced",
    "Totals",
    "TransportError",
    "UnpinManyOptions",
    "UnreadablePin",
    "UploadPreview",
    "Verification",
    "VerifyOptions",
    "WaitOptions",
    "__version__",
    "compute_cid",
    "pack_car",
    "preview_upload",
    "progress",
    "verify",
]


_MODULES = (
    "_client",
    "_errors",
    "_local",
    "_pins",
    "_retrieved",
    "_retriever",
    "_async_client",
    "_async_retrieved",
    "_async_retriever",
    "_batches",
    "_pin",
    "_models",
    "_inputs",
    "_options",
)
"""The modules that define the names. Those that take longest to import come last."""


def __getattr__(name: str) -> object:
    """Imports the module of a name on first use, so that a program only waits for what it uses."""
    if name == "progress":
        return __import__("w3pin.progress").progress
    if name in __all__:
        for module in _MODULES:
            found = __import__(f"w3pin.{module}", fromlist=[name])
            if name in found.__all__:
                return globals().setdefault(name, getattr(found, name))
    raise AttributeError(f"module 'w3pin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
