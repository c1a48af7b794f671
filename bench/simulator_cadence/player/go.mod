module whence.bench/simulator_cadence/player

go 1.19
