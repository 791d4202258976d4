from qintong.desk.room import Room


class Segments(Room):
    name = "bench.segments"
    label = "segments"
    verbose_name = "路段"
    area = "base"
    task = 1
    default = True
