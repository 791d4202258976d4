"""What the registry takes from the log: strangers become pending terminals, sessions their state."""

from datetime import UTC, datetime

from django.db.models import Q

from qintong.base.identity.regions import Region
from qintong.stream.consumers import consumer
from qintong.stream.gateways.jt808 import messages
from qintong.stream.gateways.jt808.frame import FrameError
from qintong.stream.gateways.jt808.header import VERSION_BIT, Header
from qintong.stream.log import Batch
from qintong.stream.topics import REGISTRATION, SESSION

from .roster import publish_changed_roster
from .terminals import Terminal, terminal_number

PROVINCE = "610000"


@consumer("registry.registrations", REGISTRATION)
def take_registrations(batch: Batch) -> None:
    """A terminal nobody knows is held as pending with what it says of itself. Harmless when repeated."""
    if batch.blobs is None:
        raise ValueError(f"{REGISTRATION.name} without bodies at {batch.first_offset}")
    latest: dict[str, Terminal] = {}
    for place, row in enumerate(batch.rows):
        if row["terminal_id"]:
            continue  # on the roster already: registering again changes nothing here
        identity = bytes(row["identity"].tobytes())[: int(row["identity_length"])]
        said = _registration(row, identity, batch.blobs[place])
        known = latest.get(terminal_number(identity))
        if known is None or said is not None:
            pending = _pending(identity, row, said)
            latest[pending.terminal_number] = pending
    if not latest:
        return
    Terminal.objects.bulk_create(latest.values(), ignore_conflicts=True)
    for terminal in latest.values():
        _renew_claims(terminal)


def keep_roster(now_ms: int) -> None:
    """The clock of the feeds: whatever changed terminals or vehicles is published within a second."""
    publish_changed_roster()


@consumer("registry.sessions", SESSION, keep_roster)
def take_sessions(batch: Batch) -> None:
    """The last row of a terminal in the batch is its state; an older batch given again changes nothing."""
    last = {int(row["terminal_id"]): row for row in batch.rows if row["terminal_id"]}
    for terminal_id, row in last.items():
        at = _instant(row["at_ms"])
        Terminal.objects.filter(pk=terminal_id).filter(
            Q(last_seen_at__isnull=True) | Q(last_seen_at__lte=at)
        ).update(is_online=bool(row["is_online"]), last_seen_at=at, edition=int(row["edition"]))


def _registration(row: object, identity: bytes, body: bytes) -> messages.RegistrationRequest | None:
    """The body of 0x0100 read; None for another message or an unreadable one."""
    if row["message_id"] != 0x0100:  # type: ignore[index]
        return None
    attribute = len(body) | (VERSION_BIT if len(identity) == 10 else 0)
    try:
        return messages.registration(Header(0x0100, attribute, 1, identity, 0), body)
    except FrameError:
        return None


def _pending(identity: bytes, row: object, said: messages.RegistrationRequest | None) -> Terminal:
    terminal = Terminal(
        terminal_number=terminal_number(identity),
        identity=identity,
        region=_region(said),
        edition=int(row["edition"]),  # type: ignore[index]
        first_seen_at=_instant(row["at_ms"]),  # type: ignore[index]
    )
    if said is not None:
        terminal.maker = clean(said.maker, 22)
        terminal.model_name = clean(said.model, 60)
        terminal.device_number = clean(said.device_number, 60)
        terminal.claimed_plate_number = clean(said.plate_number, 20)
        terminal.claimed_plate_colour = said.plate_colour
    return terminal


def _renew_claims(terminal: Terminal) -> None:
    """A pending terminal that registers again may say more than at first."""
    if terminal.device_number or terminal.claimed_plate_number:
        Terminal.objects.filter(
            terminal_number=terminal.terminal_number, state=Terminal.State.PENDING
        ).update(
            maker=terminal.maker,
            model_name=terminal.model_name,
            device_number=terminal.device_number,
            claimed_plate_number=terminal.claimed_plate_number,
            claimed_plate_colour=terminal.claimed_plate_colour,
        )


def _region(said: messages.RegistrationRequest | None) -> Region:
    """The county the terminal names (省域 ID, 市县域 ID), else the province."""
    if said is not None:
        code = f"{said.province_code:02d}{said.city_code:04d}"
        if found := Region.objects.filter(code=code, is_outline=False).defer("geom").first():
            return found
    return Region.objects.defer("geom").get(code=PROVINCE)


def _instant(at_ms: object) -> datetime:
    return datetime.fromtimestamp(int(at_ms) / 1000, UTC)  # type: ignore[call-overload]


def clean(text: str, length: int) -> str:
    """Text from the wire as the database can hold it: no NUL, no control characters, cut to length."""
    return "".join(c for c in text if c.isprintable())[:length]
