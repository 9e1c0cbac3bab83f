import pytest

from kling_post.errors import UsageError
from kling_post.exports.registry import all_exports, export_format


def test_every_format_is_found_by_its_file() -> None:
    found = {each.name: each.suffix for each in all_exports()}
    assert {"otio": ".otio", "edl": ".edl", "markers_edl": ".markers.edl"}.items() <= found.items()
    assert len(set(found.values())) == len(found)


def test_a_name_is_taken_with_its_dot_and_an_unknown_one_names_the_nearest() -> None:
    assert export_format(".OTIO").title == "OpenTimelineIO"
    with pytest.raises(UsageError, match="Did you mean otio"):
        export_format("ottio")
