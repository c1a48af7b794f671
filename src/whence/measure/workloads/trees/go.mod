module whence/workloads/trees

go 1.11
