"""Ways out of the house for a call to a human: one contract, several adapters; never a word of the visitor."""
