"""How a plate is drawn: the class of its colour in ui.css, the place and the number."""

from dataclasses import dataclass

from qintong.base.registry.vehicles import Vehicle

_Colour = Vehicle.PlateColour
_CLASSES = {
    _Colour.BLUE: "b",
    _Colour.YELLOW: "y",
    _Colour.GREEN: "g",
    _Colour.FARM_YELLOW: "y",
    _Colour.FARM_GREEN: "g",
    _Colour.YELLOW_GREEN: "yg",
    _Colour.GRADIENT_GREEN: "g",
}


@dataclass(frozen=True, slots=True)
class Plate:
    place: str
    number: str
    colour: str


def plate_of(vehicle: Vehicle) -> Plate:
    colour = _CLASSES.get(_Colour(vehicle.plate_colour), "")
    return Plate(vehicle.plate_number[:2], vehicle.plate_number[2:], colour)
