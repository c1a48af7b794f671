module whence/workloads/maps

go 1.11
