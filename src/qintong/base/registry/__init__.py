"""基础数据: the master records that every task shares.

Plan, task 1: 交通数据资源体系, one record for one thing. Entities: Company, Person, VehicleClass, Vehicle,
Terminal, Route, RoutePoint, Structure, Waterway, WaterwayPoint.
"""
