"""Divisions of the province that were renamed or regraded, for files that still use the old name.

Dates are those of the approval by the State Council or of taking effect; taken from the yearly lists
of changes of divisions, not yet compared with the printed notices.
"""

from collections.abc import Mapping

from qintong.desk.resource import FormerName

_CHANGES: tuple[tuple[str, str, str, str, str], ...] = (
    ("临潼县", "610115", "临潼区", "1997", "撤县设区"),
    ("长安县", "610116", "长安区", "2002", "撤县设区"),
    ("高陵县", "610117", "高陵区", "2014", "撤县设区"),
    ("户县", "610118", "鄠邑区", "2016", "撤县设区"),
    ("耀县", "610204", "耀州区", "2002", "撤县设区"),
    ("宝鸡县", "610304", "陈仓区", "2003", "撤县设区"),
    ("凤翔县", "610305", "凤翔区", "2021", "撤县设区"),
    ("彬县", "610482", "彬州市", "2018", "撤县设市"),
    ("华县", "610503", "华州区", "2015", "撤县设区"),
    ("安塞县", "610603", "安塞区", "2016", "撤县设区"),
    ("子长县", "610681", "子长市", "2019", "撤县设市"),
    ("南郑县", "610703", "南郑区", "2017", "撤县设区"),
    ("横山县", "610803", "横山区", "2015", "撤县设区"),
    ("神木县", "610881", "神木市", "2017", "撤县设市"),
    ("旬阳县", "610981", "旬阳市", "2021", "撤县设市"),
)
"""Old name, code of today, name of today, year, what happened."""

FORMER_REGIONS: Mapping[str, FormerName] = {
    old: FormerName(
        now=code,
        title=name,
        rule=f"{year} 年{act}，现为 {code} {name}。",
        basis=f"依据 GB/T 2260 变更对照，{year} 年",
    )
    for old, code, name, year, act in _CHANGES
}
