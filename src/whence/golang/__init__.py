"""What Go is: versions, toolchains, switches, builds, the benchmark text format."""
