module whence/lineage

go 1.11
