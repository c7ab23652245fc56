"""pytest plugin and Hypothesis strategies for the laws."""
