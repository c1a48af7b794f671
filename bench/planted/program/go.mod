module whence.invalid/planted

go 1.20
