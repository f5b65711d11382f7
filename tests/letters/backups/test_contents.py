"""Nobody forgets to decide what becomes of a table in a backup."""

from letters.backups.contents import LEFT_OUT, NEVER, PARTLY, REVISION_TABLE, WHOLE
from verification.database import Base


def test_every_table_is_decided_about_once() -> None:
    decided = [*LEFT_OUT, *PARTLY, *WHOLE, *NEVER]
    assert len(decided) == len(set(decided))
    assert set(decided) == {*Base.metadata.tables, REVISION_TABLE}
