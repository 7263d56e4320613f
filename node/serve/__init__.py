"""The node as a server: blobs and logs as files, everything else as a small HTTP interface."""
