"""Reports acknowledged per CPU-second of the gateway process, each durable before its answer.

2,000 links in closed loop over loopback: `_1` sends one frame in a segment, `_4` four.
"""

import argparse

from bench import harness
from bench.jt808_stage import Generator, gateway

LINKS = 2000


def measure(options: argparse.Namespace) -> harness.Figures:
    figures: dict[str, float] = {}
    for frames in (1, 4):
        with gateway(LINKS) as stage:
            generator = Generator(stage.port, 0, LINKS, frames)
            try:
                generator.await_ready()
                generator.begin(0, 1)
                warm = generator.finish()
                before = harness.cpu_s([stage.pid])
                generator.begin(0, options.seconds / 2)
                result = generator.finish()
                used = harness.cpu_s([stage.pid]) - before
            finally:
                generator.close()
            if stage.durable_reports() < warm["answered"] + result["answered"]:
                raise AssertionError("reports were acknowledged that are not in the log")
        figures[f"acked_per_cpu_s_{frames}"] = result["answered"] / used
        figures[f"acked_per_s_{frames}"] = result["rate_per_s"]
        figures[f"p99_ms_{frames}"] = result["p99_ms"]
    return figures


if __name__ == "__main__":
    harness.main("gateway", measure)
