"""What spreading work costs and brings, each claim beside a limit measured in the same run."""
