"""Tools for testing gradients."""
