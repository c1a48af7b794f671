"""Random histories of pods through the kubelet's own eviction manager and through the node model."""
