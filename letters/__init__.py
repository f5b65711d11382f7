"""What it means: letters, their signatures, their editions, and the pages that show them."""
