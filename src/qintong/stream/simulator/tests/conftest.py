from pathlib import Path

import pytest

from qintong.stream.simulator.roads import Roads, read_roads

ROUTES = """route_code,name_zh,name_en,class,direction,length_km,design_speed_kmh,lanes,note
G1,甲线,A,national_expressway,,200,100,4,
S2,乙线,B,provincial_trunk,,60,60,2,
G3,丙线,C,national_expressway,,60,80,4,
"""
POINTS = """route_code,seq,name_zh,lon,lat,stake_m,kind,county_adcode
G1,1,a,108.0,34.0,0,border,610112
G1,2,b,108.5,34.0,46000,junction,610112
G1,3,c,109.0,34.2,97000,junction,610112
S2,1,b,108.5,34.0,0,junction,610112
S2,2,d,108.5,34.5,55000,control_point,610112
G3,1,x,107.9,34.1,0,border,610112
G3,2,a,108.0,34.0,14000,junction,610112
G3,3,c,109.0,34.2,,junction,610112
"""
STRUCTURES = """kind,name_zh,route_code,stake_m,length_m,lon,lat,county_adcode,note
tunnel,长隧道,G1,20000,16000,108.2,34.0,610112,
service_area,服务区,G1,40000,,108.4,34.0,610112,
"""


@pytest.fixture
def roads(tmp_path: Path) -> Roads:
    (tmp_path / "routes.csv").write_text(ROUTES, encoding="utf-8")
    (tmp_path / "route_points.csv").write_text(POINTS, encoding="utf-8")
    (tmp_path / "structures.csv").write_text(STRUCTURES, encoding="utf-8")
    return read_roads(tmp_path)
