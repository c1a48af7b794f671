module whence/workloads/httpd

go 1.11
