"""What commands write does not take the place of anything unasked, and a disk that keeps no owners is named."""

from pathlib import Path

import pytest

from letters.commands.files import FileThere, check_free, destination, warn_if_shared


def test_a_file_in_the_way_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "table").touch()
    with pytest.raises(FileThere, match="--force"):
        check_free([tmp_path / "table"], replace=False)
    check_free([tmp_path / "table", tmp_path / "another"], replace=True)


def test_a_link_to_what_is_read_counts_as_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "letter.key").touch()
    (tmp_path / "table").symlink_to(tmp_path / "letter.key")
    with pytest.raises(FileThere, match="written over what is read"):
        check_free([tmp_path / "table"], replace=True, inputs=[tmp_path / "letter.key", tmp_path / "nowhere"])


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with destination(Path("-")) as out:
        out.write(b"names")
        out.flush()
    assert capfdbinary.readouterr().out == b"names"


@pytest.mark.parametrize(("bits", "told"), [(0o600, False), (0o644, True)])
def test_a_disk_that_cannot_keep_a_file_private_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bits: int, *, told: bool
) -> None:
    (tmp_path / "letter.key").touch(mode=bits)
    warn_if_shared(tmp_path / "letter.key")
    assert (f"cannot keep {tmp_path / 'letter.key'} to you alone" in capsys.readouterr().err) is told
