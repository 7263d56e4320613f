"""The composition root: the one place where configuration becomes objects."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import duckdb

from hashstore.blobstore import DirectoryBlobStore
from node.config import Config, read_config
from node.disclosure.generalise import Secret
from node.disclosure.secret import load_or_make_secret
from node.errors import NodeError
from node.index import Index, apply_log
from node.index.database import unusable
from node.journal import Journal
from node.keys.load import PASSPHRASE_VARIABLE, load_key, passphrase
from node.keys.signing import further_signers
from node.layout import Layout
from node.peers.model import FollowedLog
from node.peers.store import PeerStore
from node.storage import Archive, NodeStore, TieredBlobStore
from node.storage.address import open_archive, parse_address
from node.withdrawal.apply import apply_withdrawals
from node.writer_lock import writer_lock
from provenance.keys import PublicKey, SigningKey, VerifierKey, parse_public_key
from provenance.log.files import LogFolder
from provenance.log.log import Log
from provenance.log.reader import LogReader

__all__ = ["PASSPHRASE_VARIABLE", "Node", "load_key", "open_node", "passphrase"]


@dataclass(frozen=True)
class Node:
    """One installation, opened.

    Attributes:
        layout: Where its files are.
        config: What its operator decided.
        waits: Called when another process is writing and this one has to wait for it.
    """

    layout: Layout
    config: Config
    waits: Callable[[], None] | None = field(default=None, compare=False)

    @cached_property
    def active(self) -> DirectoryBlobStore:
        """The blobs in this node's own folder; all of them, unless there is an archive."""
        return DirectoryBlobStore(self.layout.blobs)

    @cached_property
    def store(self) -> NodeStore:
        """The blobs, wherever they lie."""
        storage = self.config.storage
        if not storage.archive:
            return self.active
        # What goes to the archive waits among the temporaries of the active tier, and is swept with them.
        opening = partial(open_archive, parse_address(storage.archive), self.layout.blobs)
        return TieredBlobStore(self.active, opening, recall=storage.recall)

    @property
    def archive(self) -> Archive | None:
        """The archive tier, if the operator has one."""
        return self.store.archive if isinstance(self.store, TieredBlobStore) else None

    @cached_property
    def identity(self) -> SigningKey:
        """The key that signs statements."""
        return load_key(self.layout.identity_key)

    @cached_property
    def reader(self) -> LogReader:
        """The log, to read; needs no key."""
        return LogReader(LogFolder(self.layout.log), self.log_key)

    @cached_property
    def log_key(self) -> VerifierKey:
        """The public key of the log under its origin."""
        return VerifierKey.parse(_public_text(self.layout.log_public))

    @cached_property
    def identity_public(self) -> PublicKey:
        """The public key that checks this node's statements."""
        return parse_public_key(_public_text(self.layout.identity_public))

    @cached_property
    def commitment_secret(self) -> Secret:
        """The secret behind commitments to withheld values; made when it is first needed."""
        return load_or_make_secret(self.layout.commitment_secret)

    @cached_property
    def log(self) -> Log:
        """The log, to append to."""
        signer = load_key(self.layout.log_key)
        origin = self.config.identity.origin
        further = further_signers(self.layout, origin)
        return Log(self.layout.log, origin, signer, lock=self.layout.log_lock, further=further)

    @contextmanager
    def index(self) -> Iterator[Index]:
        """The index, brought up to the log.

        Raises:
            IndexUnusable: it is damaged, which may show only while the block reads it.
            BlobUnusable: what a log has more than it is missing or damaged.
        """
        index = Index(self.layout.index)
        try:
            self.refresh(index)
            yield index
        except duckdb.Error as error:
            raise unusable(self.layout.index, error) from error
        finally:
            index.close()

    def refresh(self, index: Index) -> int:
        """Apply to the index what the logs have more than it; returns how many leaves that were."""
        size = self.reader.head().size
        applied = apply_log(index, self.reader.leaves, size, self.store.path)
        self._take_back(index, size)
        applied += sum(self._refresh_followed(index, log) for log in self.peers.logs())
        apply_withdrawals(index, self.config)
        return applied

    def _refresh_followed(self, index: Index, log: FollowedLog) -> int:
        """Apply of a followed log what has come here whole; the rest may still be under way."""
        taken = self.peers.taken(log.origin)
        number = index.log_number(log.origin)
        if index.log_size(number) == taken and index.meta(f"void {number}") == log.void:
            return 0
        refused, void = self.peers.refusals(log.origin), self.peers.void(log.origin)
        leaves = self.followed(log).leaves
        return apply_log(index, leaves, taken, self.store.path, log=number, refused=refused, void=void)

    def _take_back(self, index: Index, size: int) -> None:
        """Apply the own log anew once it has revoked a key back to what stands there already."""
        row = index.one("SELECT count(*) AS revocations FROM own_statement WHERE kind = 'KeyRevocation'")
        assert row is not None
        if row["revocations"] != index.meta("revocations"):
            from node.keys.voided import own_void

            apply_log(index, self.reader.leaves, size, self.store.path, void=own_void(self))
            index.set_meta("revocations", row["revocations"])

    @cached_property
    def peers(self) -> PeerStore:
        """The peers, and what is known of the logs that this node follows."""
        return PeerStore(self.layout.peers)

    def followed(self, log: FollowedLog) -> LogReader:
        """A followed log, as far as it has come here."""
        return LogReader(LogFolder(self.layout.mirror(log.origin)), log.key, former=log.former)

    def log_reader(self, index: Index, log: int) -> LogReader:
        """The log that has this number in the index."""
        origin = index.origins().get(log)
        return self.reader if origin is None else self.followed(self.peers.log(origin))

    @contextmanager
    def writing(self, on_wait: Callable[[], None] | None = None) -> Iterator[Journal]:
        """Become the one process that writes: recovers what a killed one left, then gives the journal."""
        with writer_lock(self.layout.writer_lock, on_wait=on_wait or self.waits):
            self.store.sweep()
            self.log.recover()
            if self.layout.change_under_way:
                from node.keys.settle import settle

                settle(self)
            journal = Journal(self.layout.journal)
            try:
                self._sweep_staging(journal)
                yield journal
            finally:
                journal.close()

    def forget_keys(self) -> None:
        """Read the keys anew when they are next asked for: they have changed on the disk."""
        for name in ("identity", "identity_public", "log", "log_key", "reader"):
            self.__dict__.pop(name, None)

    def _sweep_staging(self, journal: Journal) -> None:
        """Remove converted archives of crawls that the journal has let go of."""
        wanted = {state.crawl.removeprefix("urn:uuid:") for state in journal.unfinished()}
        for folder in self.layout.staging.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def open_node(layout: Layout) -> Node:
    """Open an existing node.

    Raises:
        ConfigError: its node.toml needs mending.
        NodeError: its log was just being succeeded, and that cannot be ended.
    """
    if layout.successor.exists():
        from node.keys.succession import complete_succession, succession_under_way

        if succession_under_way(layout):
            with writer_lock(layout.writer_lock):
                complete_succession(layout)
    return Node(layout, read_config(layout.config))


def _public_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"The public key {path} cannot be read: {error}") from error
