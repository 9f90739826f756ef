"""The keyword arguments of each operation: every option is declared and documented here, and only
here.

An option that is ``None`` counts as unset.
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
    """Whether to take settings that aren't set from the environment and the config file.
    True unless set.
    """
    connect_timeout: Seconds | None
    """The time limit for connecting; 10 seconds unless set. Seconds, or a ``timedelta``."""
    idle_timeout: Seconds | None
    """The longest time that a request or its response may make no progress; 60 seconds unless set.

    Seconds, or a ``timedelta``.
    """
    call_timeout: Seconds | None
    """The time limit of a call, retries included, except uploads and waits; 60 seconds unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """The retry policy of calls."""
    proxy: str | None
    """The proxy to send every request through: http, https, socks5 or socks5h.

    It is a URL, such as ``http://proxy:3128``. Unless set, ``HTTPS_PROXY`` and similar variables
    of the environment are used.
    """
    no_proxy: bool | None
    """Whether to use no proxy, even if the environment names one. False unless set."""
    root_certificates_pem: BytesLike | None
    """Additional root certificates to trust, in PEM format."""
    platform_roots: bool | None
    """Whether to trust the operating system's root certificates instead of Mozilla's.

    False unless set.
    """
    user_agent: str | None
    """The User-Agent header."""


class ClientOptions(RetrieverOptions, total=False):
    """The settings of a client besides the account's keys."""

    token: str | None
    """The access token for the API ``pinning-service``, in place of the keys."""
    api: str | None
    """The API that the service speaks: ``w3ipfs``, or ``pinning-service``, which pins by CID and
    has no uploads.

    It is ``w3ipfs`` unless set.
    """
    endpoint: str | None
    """The service: a URL, or ``attoaioz``, ``w3ipfs-storage``, ``w3ipfs`` or ``aiozpin``."""
    insecure_http: bool | None
    """Whether to allow sending keys over plain HTTP to another machine. False unless set."""
    profile: Profile | None
    """The UnixFS profile that the service uses."""
    rate_limit: RateLimit | None
    """The maximum number of requests per minute; 180 unless set, unlimited for a service on this
    machine.

    A number, or ``"unlimited"``.
    """


class _UploadOptions(TypedDict, total=False):
    name: str | None
    """The name shown in listings; the service uses the file's own unless set."""
    keyvalues: KeyValues | None
    """Key-values to find the pin by; keys and values are strings."""
    profile: Profile | None
    """The UnixFS profile that the service is expected to use; the client's unless set.
    """
    verify: Verify | None
    """How much proof to require that the service pinned what was sent.

    ``off``: No CID is computed. ``report``, which is the default: The pin reports what was proved.
    ``require``: Anything but a proof is an error.
    """
    mark_attempt: bool | None
    """Whether to mark the pin with the key-value ``w3pin.attempt``, by which it is found again if
    the response is lost.

    True unless set.
    """


class _PinOptions(_UploadOptions, total=False):
    skip_if_pinned: bool | None
    """Whether to send nothing and return the existing pin if the account has already pinned the
    content.

    False unless set.
    """
    progress: OnProgress | None
    """Called with the progress, at most ten times a second and once at the end.

    It is called in the thread or event loop that waits. An exception that it raises stops the
    upload.
    """
    timeout: Seconds | None
    """The time limit of the whole call, retries included; none unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """The retry policy of this call; the client's unless set."""


class _FileOptions(TypedDict, total=False):
    file_name: str | None
    """The file name sent to the service, for a single file; its own unless set."""
    content_type: str | None
    """The media type sent to the service, for a single file, such as ``image/png``."""


class _WalkOptions(TypedDict, total=False):
    hidden: bool | None
    """Whether to include hidden files and folders, whose names start with a dot. They don't unless
    set.
    """
    symlinks: Symlinks | None
    """What to do with symbolic links in a folder.

    ``refuse``, the default of uploads: A symbolic link is an error. ``follow``: Links are replaced
    by what they point to. ``skip``: Links are left out. ``preserve``, the default of
    ``compute_cid`` and ``verify``: Links stay links; an upload can't carry them.
    """
    include: Collection[str] | None
    """Patterns of the files to include, in .gitignore syntax; all files unless set.
    """
    exclude: Collection[str] | None
    """Patterns of files and folders to leave out, in .gitignore syntax."""
    gitignore: bool | None
    """Whether to leave out what the folder's .gitignore files name. False unless set."""


class _BatchOptions(TypedDict, total=False):
    concurrency: int | None
    """How many calls to run at a time; at least 1. Four unless set."""


class _ProfileOptions(TypedDict, total=False):
    profile: Profile | None
    """The UnixFS profile to compute the CID under.

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
    """The options of keeping a folder pinned under a name."""

    keep: int | None
    """How many deploys to keep, including the newest; at least 1. Three unless set."""
    keyvalues: KeyValues | None
    """Key-values of the pin, in addition to those that mark it as a deploy."""
    profile: Profile | None
    """The UnixFS profile that the service is expected to use; the client's unless set.
    """
    check_gateways: Collection[str] | None
    """The gateways that must serve the root and random blocks before anything is removed.

    None unless set.
    """
    dry_run: bool | None
    """Whether to send and remove nothing, and only report what would be. It isn't so unless
    set.
    """
    deadline: Seconds | None
    """How long to wait for the pin, and then for each gateway; 10 minutes unless set.

    Seconds, or a ``timedelta``.
    """
    progress: OnProgress | None
    """Called with the progress, at most ten times a second and once at the end.

    It is called in the thread or event loop that waits. An exception that it raises stops the
    sync.
    """
    timeout: Seconds | None
    """The time limit of the whole call, retries included; none unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """The retry policy of the upload; the client's unless set."""


class PinPathOptions(PinFileOptions, _WalkOptions, total=False):
    """How a file or folder is pinned."""


class PinStreamOptions(PinFileOptions, total=False):
    """How a stream is pinned."""

    length: int | None
    """The number of bytes in the stream, if known; any other number is an error."""


class PinFilesOptions(PinPathOptions, _BatchOptions, total=False):
    """How many files and folders are pinned."""


class PinByCidOptions(TypedDict, total=False):
    """How content is pinned by its CID."""

    name: str | None
    """The name shown in listings."""
    keyvalues: KeyValues | None
    """Key-values to find the pin by; keys and values are strings."""
    skip_if_pinned: bool | None
    """Whether to return the existing pin if the account has already pinned the content.

    False unless set.
    """
    timeout: Seconds | None
    """The time limit of the whole call, retries included; the client's call timeout unless set.

    Seconds, or a ``timedelta``.
    """
    retry: RetryPolicy | None
    """The retry policy of this call; the client's unless set."""


class PinCidsOptions(PinByCidOptions, _BatchOptions, total=False):
    """How many CIDs are pinned."""


class UnpinManyOptions(_BatchOptions, total=False):
    """How many pins are unpinned."""


class ListOptions(TypedDict, total=False):
    """Which pins are listed, and in which order."""

    offset: int | None
    """How many pins to skip. 0 unless set."""
    limit: int | None
    """The maximum number of pins in a page, at least 1: 10 unless set, or 100 when all pages are
    read.
    """
    pinned: Pinned | None
    """Which pins to list.

    ``all``, the default: All pins. ``pinned``: Pins whose content is currently pinned.
    ``unpinned``:
    Pins whose content isn't pinned, or isn't pinned yet.
    """
    sort_by: SortBy | None
    """The field to sort by.

    ``created_at``, the default: When the pin was created. ``size``: The size in bytes, as the
    service
    accounts for it. ``name``: The name.
    """
    sort_order: SortOrder | None
    """The direction to sort in.

    ``asc``: Smallest, oldest or alphabetically first comes first. ``desc``, the default: Largest,
    newest or alphabetically last comes first.
    """
    keyvalues: KeyValues | None
    """List only pins that have all of these key-values."""


class WaitOptions(TypedDict, total=False):
    """How long to wait for a pin. Times are seconds, or a ``timedelta``."""

    deadline: Seconds | None
    """How long to wait in total; 10 minutes unless set. Seconds, or a ``timedelta``."""
    first_delay: Seconds | None
    """The delay between the first two checks, which grows by half with each further one; 1 second
    unless set.

    Seconds, or a ``timedelta``.
    """
    max_delay: Seconds | None
    """The longest delay between two checks; 30 seconds unless set. Seconds, or a ``timedelta``."""


class PrepareOptions(_UploadOptions, _FileOptions, _WalkOptions, total=False):
    """The options of an upload that another HTTP stack sends."""


class PreviewOptions(_ProfileOptions, _WalkOptions, total=False):
    """How an upload is previewed."""

    name: str | None
    """The name of the pin, and of a folder in memory."""


class CidOptions(_ProfileOptions, _WalkOptions, total=False):
    """How a CID is computed."""

    empty_folders: bool | None
    """Whether to include empty folders; an upload can't carry them, so its CID is the one without
    them.

    True unless set.
    """


class VerifyOptions(_WalkOptions, total=False):
    """How content is verified."""

    gateway: str | None
    """The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set,
    the endpoint if it is on this machine, or https://trustless-gateway.link.
    """


class ReadOptions(TypedDict, total=False):
    """The options of reading a file."""

    start: int | None
    """The offset of the first byte to read. 0 unless set."""
    end: int | None
    """The offset to stop before; the end of the file unless set."""
    most_bytes: int | None
    """The maximum number of bytes to read; a larger file is rejected before any of it is read.

    256 MiB unless set for reads into memory; otherwise unlimited.
    """


class FetchOptions(TypedDict, total=False):
    """The options of a fetch."""

    overwrite: bool | None
    """Whether to replace files that have other content.

    Otherwise they are left unchanged and the fetch fails.
    """
    concurrency: int | None
    """How many responses to read at a time. At least 1; four unless set."""
    symlinks: FetchSymlinks | None
    """What to do with symbolic links.

    ``inside``, the default: Links within the folder are created; one that leads out of it is an
    error.
    ``all``: All links are created, wherever they lead. ``skip``: No links are created.
    """
    most_bytes: int | None
    """The maximum number of bytes in all files together. 1 TiB unless set."""
    most_entries: int | None
    """The maximum number of files, folders and links. 1,000,000 unless set."""
    on_progress: OnFetchProgress | None
    """Called with the progress.

    It is called at most ten times a second and once at the end, in the thread or event loop that
    waits. An exception that it raises stops the fetch.
    """
