module example.org/hold

go 1.21
