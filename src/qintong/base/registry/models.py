from .companies import Company
from .persons import Person
from .routes import Route, RoutePoint
from .structures import Structure
from .terminals import Terminal
from .vehicle_classes import VehicleClass
from .vehicles import Vehicle
from .waterways import Waterway, WaterwayPoint

__all__ = [
    "Company",
    "Person",
    "Route",
    "RoutePoint",
    "Structure",
    "Terminal",
    "Vehicle",
    "VehicleClass",
    "Waterway",
    "WaterwayPoint",
]
