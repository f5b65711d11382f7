"""Drawing cards and posters: once for what they say, by the worker, and never while anybody waits."""
