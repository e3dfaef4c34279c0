"""A digest of a network's weights: the identity of a trained network."""

import hashlib

from gensynth.network.graph_network import GraphNetwork


def weights_digest(network: GraphNetwork) -> str:
    """Return SHA-256 (hex) over the graph and every weight and buffer, in float bytes."""
    digest = hashlib.sha256(network.graph.digest.encode())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
