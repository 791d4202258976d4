"""Lines through points, and which route draws a section that several share. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

Place = tuple[float, float]
Section = tuple[bool, frozenset[Place]]
"""Expressway or not, and the two places: an expressway never shares its carriageway with a trunk road."""
BETWEEN_MAX = 2


@dataclass(frozen=True, slots=True)
class Course:
    """A route's points in drawing order, and at which of them it carries the stake itself."""

    is_expressway: bool
    places: tuple[Place, ...]
    has_stake: tuple[bool, ...]

    def section(self, at: int) -> Section:
        return self.is_expressway, frozenset(self.places[at : at + 2])


def expanded(courses: Mapping[str, Course]) -> dict[str, Course]:
    """Gives a section told by its two ends the points that another route of its grade has between."""
    return {code: _expand(course, courses) for code, course in courses.items()}


def owners(courses: Mapping[str, Course]) -> dict[Section, str]:
    """Section → the route that draws it: the first with the stake at both ends, else the first."""
    drawn: dict[Section, tuple[bool, str]] = {}
    for code, course in courses.items():
        for at in range(len(course.places) - 1):
            section, has_stake = course.section(at), all(course.has_stake[at : at + 2])
            if section not in drawn or (has_stake and not drawn[section][0]):
                drawn[section] = (has_stake, code)
    return {section: code for section, (_, code) in drawn.items()}


def own_parts(code: str, course: Course, drawn_by: Mapping[Section, str]) -> list[list[Place]]:
    """The runs of a course that its route draws itself, each at least two places long."""
    parts: list[list[Place]] = []
    was_own = False
    for at in range(len(course.places) - 1):
        is_own = drawn_by[course.section(at)] == code
        if is_own and was_own:
            parts[-1].append(course.places[at + 1])
        elif is_own:
            parts.append(list(course.places[at : at + 2]))
        was_own = is_own
    return parts


def _expand(course: Course, courses: Mapping[str, Course]) -> Course:
    places, has_stake = list(course.places[:1]), list(course.has_stake[:1])
    for at in range(1, len(course.places)):
        between = _between(course.places[at - 1], course.places[at], course, courses)
        places += [*between, course.places[at]]
        has_stake += [False] * len(between) + [course.has_stake[at]]
    return Course(course.is_expressway, tuple(places), tuple(has_stake))


def _between(
    a: Place, b: Place, course: Course, courses: Mapping[str, Course]
) -> tuple[Place, ...]:
    for other in courses.values():
        if other is course or other.is_expressway != course.is_expressway:
            continue
        if a not in other.places or b not in other.places:
            continue
        start, end = sorted((other.places.index(a), other.places.index(b)))
        if 1 < end - start <= BETWEEN_MAX + 1:
            found = other.places[start + 1 : end]
            return found if other.places[start] == a else found[::-1]
    return ()
