"""Parts of benchmarks/reproduce.py: searches, pictures, and the page that shows them."""
