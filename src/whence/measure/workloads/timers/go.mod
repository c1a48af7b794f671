module whence/workloads/timers

go 1.11
