"""The console: what the operators of a service look at, and do."""
