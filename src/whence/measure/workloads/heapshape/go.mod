module whence/workloads/heapshape

go 1.11
