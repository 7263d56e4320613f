"""Where an archive is: a folder, or the URL of a bucket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from hashstore.errors import StoreUnusable
from node.errors import ConfigError
from node.storage.folder import FolderArchive
from node.storage.interface import Archive

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES: Final = ("s3", "gs", "az")
# Without one of these the library would ask a cloud's metadata service for credentials, and a node goes to
# private addresses only if its operator says so: on a machine in a cloud, by the variable of that endpoint.
_CREDENTIALS: Final = {
    "s3": (
        "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_METADATA_ENDPOINT", "AWS_SKIP_SIGNATURE",
    ),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY"),
    "az": (
        "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN_FILE", "AZURE_MSI_ENDPOINT",
    ),
}  # fmt: skip
_PATIENCE: Final = timedelta(minutes=2)  # for one piece of 8 MiB, so 70 KB/s are enough


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an object store, and the prefix below which blobs lie.

    Attributes:
        url: As it was given, without a slash at its end.
    """

    url: str


def parse_address(text: str) -> Bucket | Path:
    """Read the address of an archive; nothing is asked of it.

    Raises:
        ConfigError: It is neither an absolute path nor a URL that is known, or it holds a password.
    """
    if "://" not in text:
        return _folder(Path(text).expanduser(), text)
    if text != text.strip() or not text.isprintable():
        # urlsplit drops these without a word, and then sees another scheme than a check before it did.
        raise ConfigError(f"{text!r} has blanks around it, or characters that no URL has")
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return _folder(Path(unquote(parts.path)), text)
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ConfigError(f"{parts.scheme}:// is no archive that is known; give {known} or a folder")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigError(
            "an archive's URL holds a bucket and a prefix only; credentials belong into the provider's "
            "environment variables, such as AWS_ACCESS_KEY_ID"
        )
    if not parts.hostname or ".." in parts.path.split("/"):
        raise ConfigError(f"{text!r} names no bucket; write {parts.scheme}://bucket/prefix")
    return Bucket(text.rstrip("/"))


def open_archive(address: Bucket | Path, spool: Path) -> Archive:
    """Open the store at an address.

    Args:
        address: Where.
        spool: A folder of this machine in which bytes wait for their upload.

    Raises:
        StoreUnusable: A folder that is not there, or object storage without the library for it.
    """
    if isinstance(address, Bucket):
        return _bucket(address, spool)
    if not address.is_dir():
        # It is not made here: an archive that is missing is more likely a disk that is not mounted.
        raise StoreUnusable(f"the archive {address} is not there. Mount its disk, or make the folder.")
    return FolderArchive(address)


def _folder(path: Path, text: str) -> Path:
    if not path.is_absolute():
        raise ConfigError(f"{text!r} is not an absolute path")
    return path


def _check_credentials(address: Bucket) -> None:
    names = _CREDENTIALS[address.url.partition("://")[0]]
    if not any(os.environ.get(name) for name in names):
        raise StoreUnusable(
            f"there are no credentials for {address.url}. Give them by the provider's "
            f"environment variables: {', '.join(names)}."
        )


def open_bucket(address: Bucket) -> ObjectStore:
    """Open a bucket with its prefix; nothing is asked of it yet.

    Raises:
        StoreUnusable: there are no credentials for it, or the library for object storage is not here.
    """
    _check_credentials(address)
    try:
        from obstore.store import from_url
    except ImportError:
        raise StoreUnusable(f"{address.url} needs the library obstore: pip install 'vasculum[s3]'") from None
    from node.storage.object_errors import translated

    try:
        return from_url(
            address.url,
            client_options={
                "timeout": _PATIENCE,
                "connect_timeout": timedelta(seconds=15),
                # Options given here hide the variable that says so.
                "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"},
            },
            retry_config={"max_retries": 5, "retry_timeout": _PATIENCE},
        )
    except Exception as error:  # each provider has errors of its own for variables that it cannot read
        raise translated(error, f"opening {address.url}") from error


def _bucket(address: Bucket, spool: Path) -> Archive:
    store = open_bucket(address)
    from node.storage.object_store import ObjectBlobStore

    return ObjectBlobStore(store, address.url, spool)
