"""Bytes by digest: identifiers, canonical JSON, Merkle trees and blob stores."""
