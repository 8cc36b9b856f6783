"""The benches themselves, and the floors they hold."""
