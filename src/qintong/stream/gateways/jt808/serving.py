"""The plain path: what each message means. It serves everything that the kernel leaves."""

import hmac
from datetime import UTC, datetime

from qintong.stream.gateways.jt808 import acks, frame, header, messages, positions
from qintong.stream.gateways.jt808.acks import Registration, Result
from qintong.stream.gateways.jt808.frame import FrameError
from qintong.stream.gateways.jt808.group import position_row
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.jt808.reassembly import Outcome
from qintong.stream.gateways.jt808.service import Service
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality
from qintong.stream.roster import Entry
from qintong.stream.sessions import Reason as SessionReason
from qintong.stream.topics import POSITION


def take(service: Service, descriptor: int, content: bytes, now_ms: int) -> None:
    """Serve one content between two delimiters. Whatever it is, the link and its neighbours go on."""
    try:
        to, body = header.parse(frame.unpack(content))
    except FrameError as error:
        service.refuse(descriptor, 0, error.reason, content, now_ms)
        return
    service.tally.messages += 1
    service.links.table[descriptor]["last_seen_ms"] = service.tick_ms
    if to.body_length != len(body):
        service.tally.count(Reason.LENGTH_MISMATCH)
    call = Call(service, descriptor, content, to, now_ms)
    try:
        call.serve(body)
    except FrameError as error:
        call.keep(error.reason)
        call.answer(Result.MALFORMED)


class Call:
    """One message being served."""

    def __init__(
        self, service: Service, descriptor: int, content: bytes, to: Header, now_ms: int
    ) -> None:
        self.service, self.descriptor, self.content = service, descriptor, content
        self.to, self.now_ms = to, now_ms
        self.links = service.links

    def serve(self, body: bytes) -> None:
        """Admission first, then the message. FrameError means that the body cannot be read."""
        entry = self.service.watch.roster.find(self.to.identity)
        message_id = self.to.message_id
        if message_id == 0x0100:
            self._register(body, entry)
        elif entry is None:
            if self.service.enter(self.to, body, None, Result.FAILED, self.now_ms):
                self.refuse(Reason.UNKNOWN_TERMINAL)
                self.answer(Result.FAILED)
        elif message_id == 0x0102:
            self._authenticate(body, entry)
        elif message_id == 0x0003:
            self._log_out()
        elif not self._is_admitted(entry):
            self.refuse(Reason.NOT_AUTHENTICATED)
            self.answer(Result.FAILED)
        elif self.to.is_encrypted:
            self.keep(Reason.ENCRYPTED)
            self.answer(Result.UNSUPPORTED)
        elif self.to.total or self.to.attribute & header.SUBPACKAGE_BIT:
            self._collect(body)
        else:
            self._dispatch(body, is_whole=False)

    def answer(self, result: Result) -> None:
        """0x8001; an acknowledgement is never acknowledged."""
        if result == Result.DONE:
            self.links.table[self.descriptor]["faults"] = 0
        if self.to.message_id != 0x0001:
            serial = self.links.next_serial(self.descriptor)
            self._send(acks.general_reply(self.to, serial, result))

    def keep(self, reason: Reason) -> None:
        self.service.tally.count(reason)
        self.service.keep(self.descriptor, self.to.message_id, reason, self.content, self.now_ms)

    def refuse(self, reason: Reason) -> None:
        self.service.refuse(self.descriptor, self.to.message_id, reason, self.content, self.now_ms)

    def _send(self, data: bytes) -> None:
        self.service.reply(self.descriptor, data)

    def _register(self, body: bytes, entry: Entry | None) -> None:
        """0x0100. Repeating it gives the same token again; the token is bound to terminal and plate."""
        if not self.service.may_register(self.descriptor, self.now_ms):
            return
        asked = messages.registration(self.to, body)
        result = self._judge_registration(asked, entry)
        if not self.service.enter(self.to, body, entry, result, self.now_ms):
            return
        if asked.edition != 19:
            self.links.table[self.descriptor]["edition"] = asked.edition
        if entry is None:
            self.service.tally.count(Reason.UNKNOWN_TERMINAL)
        serial = self.links.next_serial(self.descriptor)
        token = entry.token if entry else ""
        self._send(acks.registration_reply(self.to, serial, result, token))

    def _judge_registration(
        self, asked: messages.RegistrationRequest, entry: Entry | None
    ) -> Registration:
        if entry is None:
            return Registration.NO_SUCH_TERMINAL
        has_plate = entry.plate_number and asked.plate_colour != 0
        if has_plate and asked.plate_number != entry.plate_number:
            roster = self.service.watch.roster
            if roster.has_plate(asked.plate_number, asked.plate_colour):
                return Registration.TERMINAL_REGISTERED
            return Registration.NO_SUCH_VEHICLE
        if entry.device_number and asked.device_number != entry.device_number:
            return Registration.VEHICLE_REGISTERED
        return Registration.DONE

    def _authenticate(self, body: bytes, entry: Entry) -> None:
        token = messages.authentication(self.to, body).token
        if not entry.token or not hmac.compare_digest(token.encode(), entry.token.encode()):
            self.refuse(Reason.WRONG_TOKEN)
            self.answer(Result.FAILED)
            return
        self.service.begin(self.descriptor, self.to, entry, True, self.now_ms)
        self.answer(Result.DONE)

    def _log_out(self) -> None:
        session = self.service.sessions.of_link(self.descriptor)
        self.answer(Result.DONE)
        if session is not None and self.links.identity(self.descriptor) == self.to.identity:
            self.service.end(session, SessionReason.LOGGED_OUT, self.now_ms)

    def _is_admitted(self, entry: Entry) -> bool:
        session = self.service.sessions.of_link(self.descriptor)
        is_bound = session is not None and session.terminal_id == entry.terminal_id
        if is_bound and self.links.identity(self.descriptor) == self.to.identity:
            return True
        if self.service.policy.requires_authentication and not is_bound:
            return False
        return self.service.begin(self.descriptor, self.to, entry, False, self.now_ms)

    def _collect(self, body: bytes) -> None:
        """A packet is durable and answered by itself; the whole message follows its last one."""
        outcome, whole = self.service.reassembly.add(self.to, body, self.descriptor, self.now_ms)
        if outcome is Outcome.INVALID:
            self.keep(Reason.SUBPACKAGE_INVALID)
            self.answer(Result.MALFORMED)
            return
        if outcome is Outcome.OVERFLOW:
            self.refuse(Reason.SUBPACKAGE_OVERFLOW)
            self.answer(Result.FAILED)
            return
        self.keep(Reason.SUBPACKAGE)
        self.answer(Result.DONE)
        if outcome is Outcome.COMPLETE:
            self._dispatch(whole, is_whole=True)

    def _dispatch(self, body: bytes, is_whole: bool) -> None:
        """`is_whole`: the body was put together from packets, which are answered and kept."""
        message_id = self.to.message_id
        quality = Quality(int(self.links.table[self.descriptor]["quality"]))
        if not is_whole and self.to.body_length != len(body):
            quality |= Quality.LENGTH_MISMATCH
        if message_id == 0x0200:
            self._add_reports([body], False, quality)
        elif message_id in (0x0201, 0x0500):
            self._add_reports([messages.queried_position(self.to, body).report], False, quality)
        elif message_id == 0x0704:
            is_backfill, reports, left = positions.split_batch(body)
            if left or not reports:
                self.keep(Reason.BATCH_ITEM)
            self._add_reports(reports, is_backfill, quality)
        elif message_id == 0x0004:
            now = datetime.fromtimestamp(self.now_ms / 1000, UTC)
            serial = self.links.next_serial(self.descriptor)
            self._send(acks.server_time(self.to, serial, now))
            return
        elif message_id != 0x0002:
            self._keep_for_later(body, is_whole)
            return
        if not is_whole:
            self.answer(Result.DONE)

    def _keep_for_later(self, body: bytes, is_whole: bool) -> None:
        """Messages no topic takes are kept as received, so that nothing acknowledged is lost."""
        message_id = self.to.message_id
        if message_id in messages.DECODERS:
            messages.DECODERS[message_id](self.to, body)
        if message_id >= 0x8000:
            reason, result = Reason.DOWNLINK_MESSAGE, Result.UNSUPPORTED
        elif message_id in messages.KNOWN:
            reason, result = Reason.NO_TOPIC, Result.DONE
        else:
            reason, result = Reason.UNKNOWN_MESSAGE, Result.UNSUPPORTED
        if not is_whole:
            self.keep(reason)
            self.answer(result)
        if message_id == 0x0801:
            media = messages.media_data(self.to, body)
            serial = self.links.next_serial(self.descriptor)
            self._send(acks.media_reply(self.to, serial, media.media_id))

    def _add_reports(self, reports: list[bytes], is_backfill: bool, quality: Quality) -> None:
        link = self.links.table[self.descriptor]
        for index, report in enumerate(reports):
            position = positions.decode(report, self.now_ms, is_backfill)
            row = position_row(
                position,
                quality,
                terminal_id=int(link["terminal_id"]),
                vehicle_id=int(link["vehicle_id"]),
                received_at_ms=self.now_ms,
                message_id=self.to.message_id,
                serial=self.to.serial,
                item_index=index,
                edition=19 if self.to.is_wide else int(link["edition"]),
                is_backfill=int(is_backfill),
            )
            self.service.group.add(POSITION, row, position.raw_items)
        self.service.tally.positions += len(reports)
