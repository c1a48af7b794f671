module whence.invalid/yardstick

go 1.21
