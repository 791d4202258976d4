"""A simulated fleet: real links, real frames, invented vehicles (演示数据).

It is a fake of the outside world that anyone can run: terminals of the roster drive along the seeded
routes, register, authenticate, report, lose their links and send what they kept. The same seed makes
the same fleet do the same things.
"""
