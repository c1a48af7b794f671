module whence/workloads/jwt

go 1.11
