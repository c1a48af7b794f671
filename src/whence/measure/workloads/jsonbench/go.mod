module whence/workloads/jsonbench

go 1.11
