module whence.invalid/loop

go 1.20
