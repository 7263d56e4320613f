"""Where a node keeps its files, and how a command finds its node."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from hashstore.digest import Digest
from node.errors import NodeNotFound

CONFIG_NAME = "node.toml"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one node below `root`."""

    root: Path

    @property
    def config(self) -> Path:
        """The operator's configuration, TOML."""
        return self.root / CONFIG_NAME

    @property
    def identity_key(self) -> Path:
        """Private key that signs statements."""
        return self.root / "keys" / "identity.pem"

    @property
    def log_key(self) -> Path:
        """Private key that signs checkpoints of the log."""
        return self.root / "keys" / "log.pem"

    @property
    def commitment_secret(self) -> Path:
        """What makes the node's commitments to withheld values impossible to guess."""
        return self.root / "keys" / "commitment.secret"

    @property
    def log_public(self) -> Path:
        """The public key of the log, a C2SP verifier key, so that reading needs no private one."""
        return self.root / "keys" / "log.vkey"

    @property
    def identity_public(self) -> Path:
        """The did:key whose private half signs statements."""
        return self.root / "keys" / "identity.did"

    @property
    def next_identity_key(self) -> Path:
        """Private key to which the identity will change; better kept elsewhere until then."""
        return self.root / "keys" / "next-identity.pem"

    @property
    def next_log_key(self) -> Path:
        """Private key to which the log will change; better kept elsewhere until then."""
        return self.root / "keys" / "next-log.pem"

    @property
    def post_quantum_key(self) -> Path:
        """Private ML-DSA-44 key that signs checkpoints too."""
        return self.root / "keys" / "log-mldsa44.pem"

    @property
    def coming_identity_key(self) -> Path:
        """Private key after the next one; it is there only while the identity changes."""
        return self.root / "keys" / "coming-identity.pem"

    @property
    def coming_log_key(self) -> Path:
        """Private key after the log's next one; it is there only while the log's key changes."""
        return self.root / "keys" / "coming-log.pem"

    @property
    def coming_post_quantum_key(self) -> Path:
        """Private ML-DSA-44 key to which the log is changing."""
        return self.root / "keys" / "coming-log-mldsa44.pem"

    @property
    def change_under_way(self) -> bool:
        """Whether a change of keys was begun and not ended."""
        return self.coming_identity_key.exists() or self.coming_log_key.exists()

    @property
    def witness_key(self) -> Path:
        """Private key that cosigns the checkpoints of others; never part of a backup."""
        return self.root / "keys" / "witness.pem"

    @property
    def former_keys(self) -> Path:
        """Private keys that were changed for others; only kept, never used."""
        return self.root / "keys" / "former"

    @property
    def successor(self) -> Path:
        """A new log with its keys and settings, on its way into the place of the old one."""
        return self.root / "successor"

    @property
    def witnessed(self) -> Path:
        """What this node cosigned as a witness, SQLite; never part of a backup, nor is the witness's key."""
        return self.root / "witness.sqlite"

    @property
    def blobs(self) -> Path:
        """The blob store, `aa/bb/<hex>`."""
        return self.root / "blobs"

    @property
    def log(self) -> Path:
        """The log as static C2SP tlog-tiles."""
        return self.root / "log"

    @property
    def log_lock(self) -> Path:
        """The newest tree head that this node has committed to; never part of a backup."""
        return self.root / "log.lock"

    @property
    def journal(self) -> Path:
        """Captures of crawls that have not reached the log yet, SQLite."""
        return self.root / "journal.sqlite"

    @property
    def staging(self) -> Path:
        """Converted archives of crawls that have not reached the log yet."""
        return self.root / "staging"

    @property
    def index(self) -> Path:
        """The queryable database, derived from log and segments."""
        return self.root / "index.duckdb"

    @property
    def peers(self) -> Path:
        """Peers, and what is known of the logs that are followed, SQLite."""
        return self.root / "peers.sqlite"

    @property
    def served(self) -> Path:
        """Which blobs may be served, derived from the index, SQLite."""
        return self.root / "served.sqlite"

    @property
    def slices(self) -> Path:
        """Which slices this node replicates, and what its caches hold, SQLite."""
        return self.root / "slices.sqlite"

    def shown_manifest(self, dataset: Digest) -> Path:
        """What a peer shows of a dataset's manifest since members of it were withdrawn."""
        return self.root / "manifests" / f"{dataset.hex}.jsonl"

    @property
    def iiif(self) -> Path:
        """What was made of images to show them in parts and sizes; can be thrown away at any time."""
        return self.root / "iiif"

    @property
    def search(self) -> Path:
        """What is searched, derived from the index: a DuckDB file, and which one is current."""
        return self.root / "search"

    @property
    def models(self) -> Path:
        """Manifests of analyzers that the operator gives, each with its network beside it."""
        return self.root / "models"

    @property
    def analysis(self) -> Path:
        """Results of analyses that are not signed yet: a SQLite file for each, and its lock."""
        return self.root / "analysis"

    @property
    def jobs(self) -> Path:
        """Jobs that run beside requests, and what became of them, SQLite."""
        return self.root / "jobs.sqlite"

    @property
    def job_queue(self) -> Path:
        """Which job comes next, SQLite; derived from the jobs, and never part of a backup."""
        return self.root / "queue.sqlite"

    @property
    def jobs_lock(self) -> Path:
        """Held by the process that runs jobs, and by each job."""
        return self.root / "jobs.lock"

    @property
    def jobs_token(self) -> Path:
        """What those have to know who submit jobs over HTTP."""
        return self.root / "keys" / "jobs.token"

    @property
    def notices(self) -> Path:
        """What is watched, who is told, and what was told, SQLite."""
        return self.root / "notices.sqlite"

    @property
    def reviews(self) -> Path:
        """What people said and decided and was not published yet, SQLite."""
        return self.root / "reviews.sqlite"

    @property
    def accounts(self) -> Path:
        """Accounts, who is signed in, tokens, and the trail of what was done with them, SQLite."""
        return self.root / "accounts.sqlite"

    @property
    def damaged(self) -> Path:
        """Damaged blobs that `repair` has set aside until sound bytes have come."""
        return self.root / "damaged"

    @property
    def exports(self) -> Path:
        """Journals of exports to object storage that are not whole yet."""
        return self.root / "exports.partial"

    def mirror(self, origin: str) -> Path:
        """A followed log as static C2SP tlog-tiles."""
        return self.root / "mirror" / mirror_name(origin)

    @property
    def writer_lock(self) -> Path:
        """Held by the one process that writes log, journal and index."""
        return self.root / "writer.lock"


def mirror_name(origin: str) -> str:
    """The name under which a followed log is kept and served: hex SHA-256 of its origin."""
    return Digest.of(origin.encode()).hex


def find_node(explicit: Path | None) -> Layout:
    """Find the node a command works on.

    The order is the command line's contract: `--node`, then `$VASCULUM_NODE`, then a
    `.vasculum` folder here or in a parent, then the one in the user's own folder for applications.

    Raises:
        NodeNotFound: none of these holds a node.
    """
    chosen = explicit or _from_environment()
    if chosen is not None:
        return _existing(chosen)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / ".vasculum" / CONFIG_NAME).is_file():
            return Layout(folder / ".vasculum")
    if (user_node() / CONFIG_NAME).is_file():
        return Layout(user_node())
    raise NodeNotFound(
        f"There is no node here: {Path.cwd()} and the folders above it have no .vasculum in them. "
        "Make one here with `vasculum init`, or name one with --node."
    )


def new_node_place(explicit: Path | None) -> Layout:
    """Where `vasculum init` makes a node: `--node`, `$VASCULUM_NODE`, else `./.vasculum`."""
    return Layout((explicit or _from_environment() or Path.cwd() / ".vasculum").absolute())


def user_node() -> Path:
    """The node in the user's own folder for applications (`~/.config/vasculum/node` on Linux)."""
    return Path(click.get_app_dir("vasculum")) / "node"


def _from_environment() -> Path | None:
    value = os.environ.get("VASCULUM_NODE")
    return Path(value) if value else None


def _existing(root: Path) -> Layout:
    layout = Layout(root.absolute())
    if not layout.config.is_file():
        raise NodeNotFound(
            f"No node at {root}: {CONFIG_NAME} is not there. "
            f"Make one with `vasculum --node {root} init`, or name another with --node."
        )
    return layout
