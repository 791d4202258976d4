"""Token buckets: how much of something is allowed a second, with a burst."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Allows `rate_per_s` on average and `burst` at once."""

    rate_per_s: float
    burst: float
    _left: float = -1.0
    _at_ms: int = 0

    def take(self, amount: float, now_ms: int) -> bool:
        """True if `amount` is allowed now; it is then used up."""
        if self._left < 0:
            self._left = self.burst
        else:
            gained = max(0, now_ms - self._at_ms) * self.rate_per_s / 1000
            self._left = min(self.burst, self._left + gained)
        self._at_ms = now_ms
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def is_full(self, now_ms: int) -> bool:
        """True if nothing was taken lately, so that the bucket may be forgotten."""
        return self._left + (now_ms - self._at_ms) * self.rate_per_s / 1000 >= self.burst


class Buckets:
    """One bucket for each key; those that are full again are forgotten."""

    def __init__(self, rate_per_s: float, burst: float, capacity: int = 65536) -> None:
        self._rate_per_s, self._burst, self._capacity = rate_per_s, burst, capacity
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, now_ms: int) -> bool:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._capacity:
                self._forget(now_ms)
            bucket = self._buckets[key] = Bucket(self._rate_per_s, self._burst)
        return bucket.take(1, now_ms)

    def _forget(self, now_ms: int) -> None:
        kept = {k: b for k, b in self._buckets.items() if not b.is_full(now_ms)}
        self._buckets = kept if len(kept) < self._capacity else {}
