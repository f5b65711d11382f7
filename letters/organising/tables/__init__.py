"""CSV files that organisers upload, read row by row."""
