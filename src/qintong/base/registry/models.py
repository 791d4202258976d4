from .companies import Company
from .persons import Person
from .roster_changes import RosterChange
from .routes import Route, RoutePoint
from .structures import Structure
from .terminals import Terminal
from .vehicle_classes import VehicleClass
from .vehicles import Vehicle
from .waterways import Waterway, WaterwayPoint

__all__ = [
    "Company",
    "Person",
    "RosterChange",
    "Route",
    "RoutePoint",
    "Structure",
    "Terminal",
    "Vehicle",
    "VehicleClass",
    "Waterway",
    "WaterwayPoint",
]
