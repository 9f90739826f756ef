"""The keyword arguments of each operation: every option is declared and documented here, and only
here.

An option that is ``None`` is as good as left out.
"""

from __future__ import annotations

from typing import TypedDict

from w3pin._inputs import RetryPolicy
from w3pin._types import (
    BytesLike,
    Collection,
    FetchSymlinks,
    KeyValues,
    OnFetchProgress,
    OnProgress,
    Pinned,
    Profile,
    RateLimit,
    Seconds,
    SortBy,
    SortOrder,
    Symlinks,
    Verify,
)

__all__ = [
    "CidOptions",
    "ClientOptions",
    "FetchOptions",
    "ListOptions",
    "PinByCidOptions",
    "PinCarOptions",
    "PinCidsOptions",
    "PinFileOptions",
    "PinFilesOptions",
    "PinFolderOptions",
    "PinPathOptions",
    "PinStreamOptions",
    "PrepareOptions",
    "PreviewOptions",
    "ReadOptions",
    "RetrieverOptions",
    "SyncFolderOptions",
    "UnpinManyOptions",
    "VerifyOptions",
    "WaitOptions",
]


class RetrieverOptions(TypedDict, total=False):
    """The settings of a retriever."""

    gateways: Collection[str] | None
    """The gateways to read content back from, in the order to try them."""
    environment: bool | None
    """Whether what isn't set is taken from the environment and the config file. It is unless set.
    """
    connect_timeout: Seconds | None
    """The time until there is a connection; 10 seconds unless set. Seconds, or a ``timedelta``."""
    idle_timeout: Seconds | None
    """The time in which a request or its response must get further; 60 seconds unless set.

    Seconds, or a ``timedelta``.
    """
    call_timeout: Seconds | None
    """The time that a call may take with all its attempts, uploads and waits aside; 60 seconds
    unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """How often calls are tried."""
    proxy: str | None
    """The proxy to send every request through: http, https, socks5 or socks5h.

    It is a URL, such as ``http://proxy:3128``. Unless set, the environment's ``HTTPS_PROXY`` and
    its kin count.
    """
    no_proxy: bool | None
    """Whether no proxy is used, whatever the environment says. It isn't so unless set."""
    root_certificates_pem: BytesLike | None
    """Root certificates to trust too, in PEM."""
    platform_roots: bool | None
    """Whether the operating system's root certificates are trusted instead of Mozilla's.

    They aren't unless set.
    """
    user_agent: str | None
    """The name that the service sees."""


class ClientOptions(RetrieverOptions, total=False):
    """The settings of a client beside the account's keys."""

    token: str | None
    """The access token for the API ``pinning-service``, in place of the keys."""
    api: str | None
    """The API that the service speaks: ``w3ipfs``, or ``pinning-service``, which pins by CID and
    has no uploads.

    It is ``w3ipfs`` unless set.
    """
    endpoint: str | None
    """Where the service is: a URL, or ``attoaioz``, ``w3ipfs-storage``, ``w3ipfs`` or ``aiozpin``.
    """
    insecure_http: bool | None
    """Whether keys may travel over plain http to another machine. They may not unless set."""
    profile: Profile | None
    """The UnixFS profile by which the service imports files."""
    rate_limit: RateLimit | None
    """How many requests are sent in a minute; 180 unless set, and no limit to this machine.

    A number, or ``"unlimited"``.
    """


class _UploadOptions(TypedDict, total=False):
    name: str | None
    """The name that listings show; the service uses the file's own unless set."""
    keyvalues: KeyValues | None
    """Key-values to find the pin by; both are texts."""
    profile: Profile | None
    """The UnixFS profile by which the service is expected to import files; the client's unless set.
    """
    verify: Verify | None
    """How much proof is required that the service pinned what was sent.

    ``off``: No CID is computed. ``report``, which is the default: The pin says what was proved.
    ``require``: Anything but a proof is an error.
    """
    mark_attempt: bool | None
    """Whether the pin gets a key-value, ``w3pin.attempt``, by which it is recognised if the
    response is lost.

    It does unless set.
    """


class _PinOptions(_UploadOptions, total=False):
    skip_if_pinned: bool | None
    """Whether content that the account has pinned already is left as it is, and nothing is sent.

    It isn't looked for unless set.
    """
    progress: OnProgress | None
    """Called with the progress, at most ten times a second and once at the end.

    It is called in the thread or event loop that waits. An exception that it raises stops the
    upload.
    """
    timeout: Seconds | None
    """The time that the whole call may take, with all its attempts; no limit unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """How often the call is tried; the client's policy unless set."""


class _FileOptions(TypedDict, total=False):
    file_name: str | None
    """What a lone file is called at the service; its own name unless set."""
    content_type: str | None
    """The media type that the service is told of a lone file, such as ``image/png``."""


class _WalkOptions(TypedDict, total=False):
    hidden: bool | None
    """Whether hidden files and folders, whose names start with a dot, count. They don't unless set.
    """
    symlinks: Symlinks | None
    """What happens to symbolic links in a folder.

    ``refuse``, the default of uploads: A symbolic link is an error. ``follow``: What a link points
    to is taken in its place. ``skip``: Links are left out. ``preserve``, the default of
    ``compute_cid`` and ``verify``: Links stay links; an upload can't carry them.
    """
    include: Collection[str] | None
    """Patterns of the only files that count, in the syntax of .gitignore; all do where there is
    none.
    """
    exclude: Collection[str] | None
    """Patterns of files and folders that don't count, in the syntax of .gitignore."""
    gitignore: bool | None
    """Whether what the folder's .gitignore files name is left out. It isn't unless set."""


class _BatchOptions(TypedDict, total=False):
    concurrency: int | None
    """How many calls are under way at a time; at least 1. Four unless set."""


class _ProfileOptions(TypedDict, total=False):
    profile: Profile | None
    """The UnixFS profile by which content is imported.

    ``kubo-cidv1-legacy``, the default: What ``ipfs add --cid-version=1`` does: CIDv1, chunks of 256
    KiB. ``unixfs-v0-2015``: IPIP-0499's unixfs-v0-2015: CIDv0, chunks of 256 KiB.
    ``unixfs-v1-2025``: IPIP-0499's unixfs-v1-2025: CIDv1, chunks of 1 MiB.
    """


class PinCarOptions(_PinOptions, total=False):
    """The options of :meth:`Client.pin_car`."""


class PinFileOptions(_PinOptions, _FileOptions, total=False):
    """How a file is pinned."""


class PinFolderOptions(_PinOptions, _WalkOptions, total=False):
    """How a folder is pinned."""


class SyncFolderOptions(_WalkOptions, total=False):
    """How a folder is kept pinned under a name."""

    keep: int | None
    """How many deploys are kept, the newest one included; at least 1. Three unless set."""
    keyvalues: KeyValues | None
    """Key-values of the pin, besides those that mark it as a deploy."""
    profile: Profile | None
    """The UnixFS profile by which the service is expected to import files; the client's unless set.
    """
    check_gateways: Collection[str] | None
    """The gateways through which the root and random blocks are read back before anything is
    removed.

    Nothing is read back unless set.
    """
    dry_run: bool | None
    """Whether nothing is sent or removed, and the result says what would be. It isn't so unless
    set.
    """
    deadline: Seconds | None
    """The time to wait until the content is pinned, and then until each gateway serves it; 10
    minutes unless set.

    Seconds, or a ``timedelta``.
    """
    progress: OnProgress | None
    """Called with the progress, at most ten times a second and once at the end.

    It is called in the thread or event loop that waits. An exception that it raises stops the
    sync.
    """
    timeout: Seconds | None
    """The time that the whole call may take, with all its attempts; no limit unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """How often the upload is tried; the client's policy unless set."""


class PinPathOptions(PinFileOptions, _WalkOptions, total=False):
    """How a file or folder is pinned."""


class PinStreamOptions(PinFileOptions, total=False):
    """How a stream is pinned."""

    length: int | None
    """How many bytes the stream gives, where that is known; any other number is an error."""


class PinFilesOptions(PinPathOptions, _BatchOptions, total=False):
    """How many files and folders are pinned."""


class PinByCidOptions(TypedDict, total=False):
    """How content is pinned by its CID."""

    name: str | None
    """The name that listings show."""
    keyvalues: KeyValues | None
    """Key-values to find the pin by; both are texts."""
    skip_if_pinned: bool | None
    """Whether a pin of this content that the account has already is given instead.

    It isn't looked for unless set.
    """
    timeout: Seconds | None
    """The time that the whole call may take, with all its attempts; the client's call timeout
    unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """How often the call is tried; the client's policy unless set."""


class PinCidsOptions(PinByCidOptions, _BatchOptions, total=False):
    """How many CIDs are pinned."""


class UnpinManyOptions(_BatchOptions, total=False):
    """How many pins are unpinned."""


class ListOptions(TypedDict, total=False):
    """Which pins are listed, and in which order."""

    offset: int | None
    """How many pins to pass over. None unless set."""
    limit: int | None
    """The most pins that a page holds, at least 1: 10 unless set, or 100 where all pages are read.
    """
    pinned: Pinned | None
    """Which pins to list.

    ``all``, the default: All pins. ``pinned``: Those whose content is pinned now. ``unpinned``:
    Those whose content isn't pinned, or not yet.
    """
    sort_by: SortBy | None
    """What to sort by.

    ``created_at``, the default: When the pin was made. ``size``: The bytes that the service
    accounts for. ``name``: The name.
    """
    sort_order: SortOrder | None
    """Which way to sort.

    ``asc``: The smallest, oldest or alphabetically first comes first. ``desc``, the default: The
    largest, newest or alphabetically last comes first.
    """
    keyvalues: KeyValues | None
    """Only pins that have all of these key-values."""


class WaitOptions(TypedDict, total=False):
    """How long to wait for a pin. Times are seconds, or a ``timedelta``."""

    deadline: Seconds | None
    """The time to wait in all; 10 minutes unless set. Seconds, or a ``timedelta``."""
    first_delay: Seconds | None
    """The time between the first two looks, which grows by half with each further one; 1 second
    unless set.

    Seconds, or a ``timedelta``.
    """
    max_delay: Seconds | None
    """The longest time between two looks; 30 seconds unless set. Seconds, or a ``timedelta``."""


class PrepareOptions(_UploadOptions, _FileOptions, _WalkOptions, total=False):
    """How an upload is prepared that another HTTP stack sends."""


class PreviewOptions(_ProfileOptions, _WalkOptions, total=False):
    """How an upload is previewed."""

    name: str | None
    """The name of the pin, which a folder in memory has too."""


class CidOptions(_ProfileOptions, _WalkOptions, total=False):
    """How a CID is computed."""

    empty_folders: bool | None
    """Whether empty folders count; an upload can't carry them, so the CID of an upload is that
    without them.

    They count unless set.
    """


class VerifyOptions(_WalkOptions, total=False):
    """How content is verified."""

    gateway: str | None
    """The gateway to fetch blocks from, which learns the CID and needs no trust: the endpoint
    itself where it is on this machine, or https://trustless-gateway.link, unless set.
    """


class ReadOptions(TypedDict, total=False):
    """Which part of a file is read."""

    start: int | None
    """The first byte to read. It is the file's first unless set."""
    end: int | None
    """The byte to stop before; the file's end unless set."""
    most_bytes: int | None
    """The most bytes to read; a larger file is refused before any of it is read.

    256 MiB unless set where they are read into memory, and else no limit.
    """


class FetchOptions(TypedDict, total=False):
    """How content is fetched."""

    overwrite: bool | None
    """Whether files with other content are replaced.

    They are left as they are, and the fetch fails, unless set.
    """
    concurrency: int | None
    """How many responses are read at a time. At least 1; four unless set."""
    symlinks: FetchSymlinks | None
    """What is done with symbolic links.

    ``inside``, the default: Links within the folder are made; one that leads out of it is an error.
    ``all``: All links are made, wherever they lead. ``skip``: No links are made.
    """
    most_bytes: int | None
    """The most bytes of all files together. 1 TiB unless set."""
    most_entries: int | None
    """The most files, folders and links. 1,000,000 unless set."""
    on_progress: OnFetchProgress | None
    """Told how far the fetch is.

    It is called at most ten times a second and once at the end, in the thread or event loop that
    waits. An exception that it raises stops the fetch.
    """
