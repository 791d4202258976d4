"""The order of sealed rows, and the removal of reports sent twice."""

import numpy as np
import pyarrow as pa

from qintong.stream.lake.schema import KEY

_TIE = (*KEY, "received_at_ms")


def sorted_unique(table: pa.Table) -> pa.Table:
    """Rows by vehicle, then device time; of a report sent twice the first received is kept."""
    if table.num_rows == 0:
        return table
    table = table.combine_chunks()
    vehicle, at = table["vehicle_id"].to_numpy(), table["device_at_ms"].to_numpy()
    order = _order(vehicle, at)
    keep = _first_of_each(table, order, vehicle[order], at[order])
    return table.take(pa.array(order if keep is None else order[keep]))


def _order(vehicle: np.ndarray, at: np.ndarray) -> np.ndarray:
    """One sort of a packed key where the values allow it (always, but for absurd clocks)."""
    since = at - at.min()
    if since.max() < 1 << 32 and vehicle.min() >= 0 and vehicle.max() < 1 << 31:
        return np.argsort(vehicle << 32 | since)
    return np.lexsort((at, vehicle))


def _first_of_each(
    table: pa.Table, order: np.ndarray, vehicle: np.ndarray, at: np.ndarray
) -> np.ndarray | None:
    """Which places of `order` to keep; None = all. Only rows alike in vehicle and time are looked at."""
    is_like_next = (vehicle[1:] == vehicle[:-1]) & (at[1:] == at[:-1])
    if not is_like_next.any():
        return None
    is_tied = np.append(is_like_next, False) | np.append(False, is_like_next)
    places = np.flatnonzero(is_tied)
    tied = table.select(_TIE).take(pa.array(order[places]))
    keys = [tied[name].to_numpy() for name in _TIE]
    within = np.lexsort(keys[::-1])
    is_repeat = np.ones(len(within), bool)
    is_repeat[0] = False
    for column in keys[: len(KEY)]:
        is_repeat[1:] &= column[within][1:] == column[within][:-1]
    keep = np.ones(len(order), bool)
    keep[places[within[is_repeat]]] = False
    return keep
