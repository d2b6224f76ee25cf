"""One module for each command of `calibrate`; `calibrate.cli` imports only the chosen one."""
