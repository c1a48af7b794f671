module whence.bench/node/short

go 1.21
