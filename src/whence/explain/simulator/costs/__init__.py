"""What work of the runtime costs on a machine, by release: constants with the runs they were fitted to, and the fit."""
