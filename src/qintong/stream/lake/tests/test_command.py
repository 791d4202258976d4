"""`qintong lake`: sound lakes pass, unsound ones are named."""

from pathlib import Path

import pytest

from qintong.stream.lake import lake_path
from qintong.stream.lake.command import main
from qintong.stream.lake.tests.test_lake import reports
from qintong.stream.lake.writer import LakeWriter


@pytest.fixture
def lake(tmp_path: Path) -> LakeWriter:
    lake = LakeWriter(lake_path(tmp_path))
    lake.add([reports(1, [1, 2, 2, 61])])
    return lake


def test_sound_lake_passes(lake: LakeWriter, tmp_path: Path, capsys: pytest.CaptureFixture):
    lake.close()

    codes = [main([action], tmp_path) for action in ("verify", "seal", "verify", "stats")]

    said = capsys.readouterr().out
    assert codes == [0, 0, 0, 0]
    assert "4 rows sealed, 2 hours merged" in said
    assert "day=2026-11-24/hour=01" in said


def test_damaged_and_missing_files_are_named(
    lake: LakeWriter, tmp_path: Path, capsys: pytest.CaptureFixture
):
    lake.seal()
    first, second = sorted(lake.root.glob("day=*/hour=*/*.parquet"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-20])

    code = main(["verify"], tmp_path)

    said = capsys.readouterr().out
    assert code == 1 and "2 faults" in said
    assert str(first.relative_to(lake.root)) in said and str(second.relative_to(lake.root)) in said


def test_lake_in_use_is_not_sealed_by_hand(
    lake: LakeWriter, tmp_path: Path, capsys: pytest.CaptureFixture
):
    assert main(["seal"], tmp_path) == 1
    assert "seals it itself" in capsys.readouterr().out
