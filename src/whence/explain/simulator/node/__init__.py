"""A node of Kubernetes with its pods: memory over time, a kubelet that looks every ten seconds, cgroup limits."""
