"""Servers to stand beside ours, each as its own makers show it; never tuned down."""
