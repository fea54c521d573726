"""Terms: the published promise as a checked, versioned file, and the decision table it compiles to."""
