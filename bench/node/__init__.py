"""The node model against what it models: the kubelet's own eviction manager, real short processes, its speed."""
