module slots

go 1.21
