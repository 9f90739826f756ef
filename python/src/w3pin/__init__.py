"""Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.

>>> with w3pin.Client() as client:
...     pin = client.pin_file("report.txt", name="report")
...     print(pin.name, pin.status, pin.verification.result)
report PENDING verified
"""

from w3pin import progress
from w3pin._async_client import AsyncClient
from w3pin._client import Client
from w3pin._compute_cid import compute_cid, compute_cid_of_bytes
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
from w3pin._models import Page, Progress, Proof, Root, Totals, Verification
from w3pin._native import Pin, RetryPolicy, __version__
from w3pin._pins import AsyncPins, Pins

__all__ = [
    "AlreadyPinnedError",
    "ApiError",
    "AsyncClient",
    "AsyncPins",
    "AuthenticationError",
    "CidMismatchError",
    "Client",
    "DecodeError",
    "InsufficientFundsError",
    "InvalidInputError",
    "LocalIoError",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "Pin",
    "PinningError",
    "Pins",
    "Progress",
    "Proof",
    "RateLimitError",
    "RequestTimeoutError",
    "RetryPolicy",
    "Root",
    "Totals",
    "TransportError",
    "Verification",
    "__version__",
    "compute_cid",
    "compute_cid_of_bytes",
    "progress",
]
