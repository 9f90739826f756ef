//! UnixFS import without I/O: bytes in, DAG blocks and root CID out, with the named CID profiles.
