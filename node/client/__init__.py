"""Python access to a node over HTTP: what it publishes, and bytes that are checked by their digest.

    from node.client import Client

    with Client("https://node.museum.example") as client:
        for hit in client.search("taxon:Fagaceae AND country:BE"):
            print(hit)
        dataset = client.dataset("hash://sha256/...")
        for member, data in client.images(dataset.of_split("train")):
            ...

Nothing that comes is believed: a dataset's statement is checked by its digest, its manifest by the root that
the statement names, each image by its digest. `node.client.training` has the same as datasets of PyTorch.
"""

from node.client.blobs import BlobSource
from node.client.client import Client
from node.client.dataset import RemoteDataset
from node.client.prefetch import read_ahead

__all__ = ["BlobSource", "Client", "RemoteDataset", "read_ahead"]
