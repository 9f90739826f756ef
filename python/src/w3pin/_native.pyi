from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Generic, TypeVar, final

from w3pin._errors import PinningError
from w3pin._models import Page, Progress, Proof, Root, Verification

__all__ = [
    "ByCidOptions",
    "Call",
    "Client",
    "Completions",
    "Feed",
    "Listing",
    "LocalServer",
    "Pin",
    "Pins",
    "RetryPolicy",
    "UploadOptions",
    "__version__",
    "compute_cid",
    "compute_cid_of_bytes",
    "run_command",
]

__version__: str

_T_co = TypeVar("_T_co", covariant=True)

@final
class Pin:
    """Content that the service keeps, or is asked to keep, for the account.

    Fields that the service leaves out, or fills with zeros, are ``None``. It can't be changed, is
    compared by all its fields, and can be pickled.
    """

    def __new__(
        cls,
        *,
        id: str,
        cid: str,
        name: str | None = None,
        size: int | None = None,
        status: str = "DONE",
        pinned: bool = False,
        is_pin_by_hash: bool = False,
        is_dir: bool = False,
        date_pinned: datetime | None = None,
        date_unpinned: datetime | None = None,
        keyvalues: Mapping[str, str] | None = None,
        file_type: str | None = None,
        sub_hash_status: str | None = None,
        file_record_id: str | None = None,
        root_hash: str | None = None,
        user_id: str | None = None,
        already_pinned: bool = False,
        verification: Verification | None = None,
    ) -> Pin: ...
    @property
    def id(self) -> str:
        """The pin's id: what ``get_pin`` and ``unpin`` take."""

    @property
    def cid(self) -> str:
        """The root of the content, in the form the service writes it."""

    @property
    def name(self) -> str | None:
        """The name that listings show."""

    @property
    def size(self) -> int | None:
        """Bytes that the service accounts for. This isn't the file's length."""

    @property
    def status(self) -> str:
        """How far the service is: ``PENDING``, ``RETRIEVAL``, ``DONE``, or a word of its own."""

    @property
    def pinned(self) -> bool:
        """Whether the content is pinned now."""

    @property
    def is_pin_by_hash(self) -> bool:
        """Whether it was pinned by its CID rather than uploaded."""

    @property
    def is_dir(self) -> bool:
        """Whether it is a folder."""

    @property
    def date_pinned(self) -> datetime | None:
        """When it was pinned, in UTC."""

    @property
    def date_unpinned(self) -> datetime | None:
        """When it was unpinned, in UTC."""

    @property
    def keyvalues(self) -> dict[str, str]:
        """The caller's own pairs, in a copy."""

    @property
    def file_type(self) -> str | None:
        """What kind of file the service takes it for."""

    @property
    def sub_hash_status(self) -> str | None:
        """How far the service is with the blocks below the root."""

    @property
    def file_record_id(self) -> str | None:
        """The service's record of the content."""

    @property
    def root_hash(self) -> str | None:
        """The service's own hash of the content. It isn't reliably the CID's."""

    @property
    def user_id(self) -> str | None:
        """The account."""

    @property
    def already_pinned(self) -> bool:
        """Whether this pin was there before the call that returned it."""

    @property
    def verification(self) -> Verification:
        """What was proved of the content by the call that returned it."""

    @property
    def is_live(self) -> bool:
        """Whether the service keeps this content or is about to, as far as its answer tells."""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON can hold them: dates are texts."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...

@final
class RetryPolicy:
    """How often calls are tried, and how long is waited between two tries.

    Times are in seconds or a ``timedelta``. What isn't given is as by default: five tries within
    two minutes, with waits of up to 0.5, 1, 2 and 4 seconds.
    """

    def __new__(
        cls,
        attempts: int | None = None,
        *,
        base_delay: float | timedelta | None = None,
        max_delay: float | timedelta | None = None,
        budget: float | timedelta | None = None,
    ) -> RetryPolicy: ...
    @property
    def attempts(self) -> int:
        """Tries in all, the first one included."""

    @property
    def base_delay(self) -> float:
        """The longest wait before the second try; it doubles with every further one."""

    @property
    def max_delay(self) -> float:
        """The longest wait before any try."""

    @property
    def budget(self) -> float:
        """No try begins later than this after the call began."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[int], dict[str, float]]: ...

@final
class Call(Generic[_T_co]):
    def wait(self) -> _T_co: ...
    def start(self, completions: Completions, future: Future[Any]) -> None: ...
    def cancel(self) -> None: ...

@final
class Completions:
    def __new__(cls, event_loop: AbstractEventLoop, /) -> Completions: ...
    def belongs_to(self, event_loop: AbstractEventLoop) -> bool: ...

@final
class Feed:
    def __new__(cls) -> Feed: ...
    def put(self, block: bytes) -> Call[bool]: ...
    def end(self) -> Call[None]: ...
    def give_up(self) -> None: ...

@final
class UploadOptions:
    def __new__(
        cls,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        profile: str | None = None,
        verify: str = "report",
        skip_if_pinned: bool = False,
        hidden: bool = False,
        symlinks: str = "refuse",
        progress: Callable[[Progress], object] | None = None,
        timeout: float | timedelta | None = None,
        retry: RetryPolicy | None = None,
    ) -> UploadOptions: ...

@final
class ByCidOptions:
    def __new__(
        cls,
        *,
        name: str | None = None,
        keyvalues: Mapping[str, str] | None = None,
        skip_if_pinned: bool = False,
        timeout: float | timedelta | None = None,
        retry: RetryPolicy | None = None,
    ) -> ByCidOptions: ...

@final
class Listing:
    def __new__(
        cls,
        *,
        offset: int | None = None,
        limit: int | None = None,
        pinned: str = "all",
        sort_by: str = "created_at",
        sort_order: str = "desc",
        keyvalues: Mapping[str, str] | None = None,
    ) -> Listing: ...

@final
class Pins:
    def next_page(self) -> Call[list[Pin] | None]: ...
    def page(self, offset: int, limit: int) -> Call[Page]: ...

@final
class Client:
    def __new__(
        cls,
        api_key: str | None = None,
        secret_key: str | None = None,
        *,
        endpoint: str | None = None,
        insecure_http: bool | None = None,
        profile: str | None = None,
        connect_timeout: float | timedelta | None = None,
        idle_timeout: float | timedelta | None = None,
        call_timeout: float | timedelta | None = None,
        retry: RetryPolicy | None = None,
        requests_per_minute: int | None = None,
        proxy: str | bool | None = None,
        root_certificates: bytes | None = None,
        platform_roots: bool = False,
        user_agent: str | None = None,
    ) -> Client: ...
    @property
    def endpoint(self) -> str: ...
    def close(self) -> None: ...
    def pin_file(self, path: str | PathLike[str], options: UploadOptions) -> Call[Pin]: ...
    def pin_folder(self, path: str | PathLike[str], options: UploadOptions) -> Call[Pin]: ...
    def pin_path(self, path: str | PathLike[str], options: UploadOptions) -> Call[Pin]: ...
    def pin_bytes(self, data: bytes, options: UploadOptions) -> Call[Pin]: ...
    def pin_json(self, json: str, options: UploadOptions) -> Call[Pin]: ...
    def pin_stream(
        self, source: Callable[[], bytes] | Feed, length: int | None, options: UploadOptions
    ) -> Call[Pin]: ...
    def pin_files(
        self, paths: Sequence[str | PathLike[str]], concurrency: int, options: UploadOptions
    ) -> Call[list[Pin | PinningError]]: ...
    def pin_by_cid(self, cid: str, options: ByCidOptions) -> Call[Pin]: ...
    def pin_cids(
        self, cids: Sequence[str], concurrency: int, options: ByCidOptions
    ) -> Call[list[Pin | PinningError]]: ...
    def get_pin(self, id: str) -> Call[Pin]: ...
    def list_pins(self, listing: Listing) -> Call[Page]: ...
    def pins(self, listing: Listing) -> Pins: ...
    def unpin(self, id: str) -> Call[None]: ...
    def unpin_many(
        self, ids: Sequence[str], concurrency: int
    ) -> Call[list[PinningError | None]]: ...
    def wait_until_pinned(
        self,
        id: str,
        *,
        deadline: float | timedelta | None = None,
        first_delay: float | timedelta | None = None,
        max_delay: float | timedelta | None = None,
    ) -> Call[Pin]: ...
    def verify(
        self,
        content: str | PathLike[str] | bytes,
        cid: str,
        *,
        gateway: str | None = None,
        hidden: bool = False,
        symlinks: str = "preserve",
    ) -> Call[Proof]: ...
    def check_credentials(self) -> Call[None]: ...

@final
class LocalServer:
    def __new__(cls, data: str | PathLike[str]) -> LocalServer: ...
    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    def stop(self) -> None: ...

def compute_cid(
    path: str | PathLike[str],
    *,
    profile: str | None = None,
    hidden: bool = False,
    symlinks: str = "preserve",
) -> Call[Root]: ...
def compute_cid_of_bytes(data: bytes, *, profile: str | None = None) -> Call[Root]: ...
def run_command(arguments: Sequence[str | bytes]) -> int: ...
