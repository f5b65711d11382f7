"""`python -m benchmarks.country`: the day alone, without the rest of the run; it writes into no document."""

from benchmarks.country.report import measure
from benchmarks.ground import ground

with ground() as place:
    measure(place)
