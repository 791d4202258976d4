"""10,000 links to one gateway process at 10,000 reports/s: time from due to answered, and memory.

`kib_per_connection` is the growth of the process's resident memory; the kernel's socket buffers are not
in it.
"""

import argparse

from bench import harness
from bench.jt808_stage import Generator, gateway

LINKS = 10_000
RATE_PER_S = 10_100
"""A hundredth above 10,000: what is answered is never more than what was sent."""
GENERATORS = 2


def measure(options: argparse.Namespace) -> harness.Figures:
    share = LINKS // GENERATORS
    with gateway(LINKS) as stage:
        empty_kib = harness.resident_kib(stage.pid)
        generators = [Generator(stage.port, n * share, share, 1) for n in range(GENERATORS)]
        try:
            for generator in generators:
                generator.await_ready()
            for seconds in (2, options.seconds):
                for generator in generators:
                    generator.begin(RATE_PER_S / GENERATORS, seconds)
                results = [generator.finish() for generator in generators]
            full_kib = harness.resident_kib(stage.pid)
        finally:
            for generator in generators:
                generator.close()
    return {
        "connections": LINKS,
        "rate_per_s": sum(result["rate_per_s"] for result in results),
        "p50_ms": max(result["p50_ms"] for result in results),
        "p99_ms": max(result["p99_ms"] for result in results),
        "kib_per_connection": (full_kib - empty_kib) / LINKS,
        "resident_mib": full_kib / 1024,
    }


if __name__ == "__main__":
    harness.main("connections", measure)
