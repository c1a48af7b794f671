module whence/workloads/alloc

go 1.11
