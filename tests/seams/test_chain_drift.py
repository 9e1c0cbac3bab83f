import pytest

from kling_post.seams.chain_drift import chain_drifts
from kling_post.vocabulary import FrameRange, JoinKind, Judgement, SeamReport, SideLooks


def looks(brighter: float = 0.0, *, contrast: float = 50.0) -> SideLooks:
    return SideLooks(ictcp=(0.4 + brighter / 720, 0.0, 0.0), contrast_percent=contrast, black_percent=5.0, sharpness=1.0)


def hop(number: int, before: SideLooks, after: SideLooks, planned: JoinKind = JoinKind.CONTINUE) -> SeamReport:
    return SeamReport(
        outgoing=f"c{number}",
        incoming=f"c{number + 1}",
        record_frame=24 * number,
        planned=planned,
        properties=(),
        judgement=Judgement(),
        seen=planned,
        looks_before=before,
        looks_after=after,
    )


def test_the_hop_at_which_a_chain_leaves_the_colour_of_its_first_clip_is_named() -> None:
    # 2.9 Delta E ITP brighter at each hop: within the limit of 6 at the second one, past it at the third.
    (chain,) = chain_drifts([hop(number, looks(2.9 * (number - 1)), looks(2.9 * number)) for number in range(1, 5)])
    assert chain.clips == ("c1", "c2", "c3", "c4", "c5")
    assert [point.colour_delta_e_itp for point in chain.points] == pytest.approx([2.9, 2.9, 5.8, 5.8, 8.7, 8.7, 11.6], abs=1e-6)
    (finding,) = chain.findings
    assert (finding.check, finding.frames) == ("chain.colour", FrameRange(72, 73))
    assert "at hop 3, the head of c4" in finding.message


def test_a_chain_that_comes_back_to_its_anchor_is_not_complained_of() -> None:
    (chain,) = chain_drifts([hop(1, looks(), looks(9)), hop(2, looks(9), looks(1))])
    assert chain.findings == ()


def test_loss_of_contrast_is_told_in_percent_of_the_anchors() -> None:
    (chain,) = chain_drifts([hop(1, looks(), looks(contrast=45)), hop(2, looks(contrast=45), looks(contrast=40))])
    assert [round(point.contrast_percent) for point in chain.points] == [-10, -10, -20]
    assert [finding.check for finding in chain.findings] == ["chain.contrast"]


def test_a_cut_ends_a_chain_and_one_hop_is_none() -> None:
    seams = [hop(1, looks(), looks()), hop(2, looks(), looks(50), JoinKind.CUT), hop(3, looks(50), looks(50)), hop(4, looks(50), looks(50))]
    (chain,) = chain_drifts(seams)
    assert chain.clips == ("c3", "c4", "c5")
