"""Lightning modules and data modules that stand on their own, without a search."""
