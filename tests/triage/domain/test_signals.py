"""The screening: what it must hear, what it must leave alone, and the laws it may never break."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.terms import RiskLevel
from triage.domain.reading import read
from triage.domain.signals import Heard, Screening
from triage.domain.stance import Stance
from triage.screening import lexicon, screen

SPOKEN = st.lists(
    st.sampled_from(
        [
            "我",
            "他",
            "妈妈说",
            "不",
            "没有",
            "想",
            "死",
            "自杀",
            "活",
            "药",
            "一瓶",
            "吃了",
            "站在",
            "楼顶",
            "栏杆",
            "今晚",
            "，",
            "。",
            "累",
            "了",
            " ",
            "kill myself",
            "not",
            "tonight",
            "🙂",
            "自.杀",
            "殺",
            "\u200b",
            "哈哈",
            "再见",
            "以后",
            "拜托",
        ]
    ),
    max_size=40,
).map("".join)
LEVELS = [RiskLevel.ROUTINE, RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT]


@given(st.text(alphabet=st.characters(), max_size=300) | SPOKEN)
@settings(max_examples=300, deadline=None)
def test_any_text_is_screened_and_every_span_lies_inside_it(text: str) -> None:
    found = screen(text)
    assert 0.0 <= found.score <= 1.0
    for reason in found.reasons:
        start, end = reason.span
        assert 0 <= start <= end <= len(text)
        assert text == "" or start < len(text)


@given(SPOKEN)
@settings(max_examples=150, deadline=None)
def test_screening_the_same_text_twice_gives_the_same_answer(text: str) -> None:
    assert screen(text) == screen(text)


@given(SPOKEN)
@settings(max_examples=200, deadline=None)
def test_an_alarm_always_has_a_reason_a_route_and_more_than_a_routine_level(text: str) -> None:
    found = screen(text)
    if found.alarm:
        assert found.reasons
        assert found.route != "none"
        assert found.level > RiskLevel.ROUTINE
    assert found.alarm == (found.score >= lexicon().weights.threshold)


@given(st.lists(SPOKEN, max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_was_heard_is_the_running_maximum_and_is_never_lowered(turns: list[str]) -> None:
    heard = Heard()
    for turn in turns:
        alone = screen(turn)
        after = screen(turn, heard)
        assert after.score == max(heard.score, alone.score)
        assert after.level == max(heard.level, alone.level, key=LEVELS.index)
        assert after.alarm == (heard.alarm or alone.alarm)
        assert after.reasons == alone.reasons
        heard = after.heard()


@pytest.mark.promise("R3")
@pytest.mark.parametrize(
    "text",
    [
        "我把整瓶安眠药都吞下去了",
        "我翻过栏杆了，再走一步就结束",
        "炭点上了，门缝也堵好了",
        "刀就抵在手腕上",
        "绳子已经挂在房梁上了",
        "I just took 40 ibuprofen",
    ],
)
def test_an_act_under_way_is_imminent_without_any_usual_word(text: str) -> None:
    found = screen(text)
    assert found.alarm
    assert found.level == RiskLevel.IMMINENT
    assert any(reason.category == "act" for reason in found.reasons)


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("我很想自杀", "我很想自殺"),
        ("我很想自杀", "我很想自鲨"),
        ("我很想自杀", "我很想自.杀"),
        ("我很想自杀", "我想zisha"),
        ("不想活了", "唔想活喇"),
        ("遗书写好了", "遺書寫好了"),
    ],
)
def test_a_disguised_word_raises_the_same_level_as_the_plain_one(plain: str, disguised: str) -> None:
    assert screen(disguised).alarm
    assert screen(disguised).level == screen(plain).level


def test_the_span_points_into_the_text_as_it_was_typed() -> None:
    text = "唉\u200b，我很想自\u200b鯊了"
    reasons = screen(text).reasons
    assert any("自" in text[slice(*reason.span)] for reason in reasons)


@pytest.mark.parametrize(
    "text",
    ["我没有想过自杀", "不会寻短见的", "累死我了", "笑死", "你去死吧", "I would never kill myself", "电视剧里他跳楼了"],
)
def test_denial_hyperbole_insult_and_stories_stay_quiet(text: str) -> None:
    assert not screen(text).alarm


@pytest.mark.parametrize("text", ["没有一天不想死", "我不是不想死，是没勇气", "说不想死是假的", "没开玩笑，想自杀"])
def test_a_denial_that_is_denied_is_heard(text: str) -> None:
    assert screen(text).alarm


@pytest.mark.parametrize(
    "text", ["我弟弟说他不想活了", "工友总说想自杀，怎么劝", "my brother said he wants to kill himself"]
)
def test_concern_for_another_goes_its_own_way_without_a_self_risk_alarm(text: str) -> None:
    found = screen(text)
    assert found.route == "third_party"
    assert found.level == RiskLevel.MODERATE
    assert not found.alarm


def test_another_person_who_is_acting_now_is_imminent() -> None:
    found = screen("我妈刚刚喝了农药")
    assert (found.alarm, found.level, found.route) == (True, RiskLevel.IMMINENT, "third_party")
    assert screen("我妈去年喝了农药，抢救过来了").level == RiskLevel.MODERATE


def test_a_mended_past_is_noted_but_does_not_alarm() -> None:
    hits = read(lexicon(), "三年前我自杀过，现在好多了").hits
    assert {hit.stance for hit in hits} == {Stance.MENDED}


def test_the_visitors_own_danger_outranks_concern_for_another() -> None:
    heard = screen("我很想自杀").heard()
    assert screen("我朋友也说不想活了", heard).route == "self"


def test_a_long_turn_is_heard_at_its_end() -> None:
    assert screen("今天说说工作上的事。" * 120 + "我很想自杀").alarm


ADVERSARIAL = [
    "我" * 4000,
    "死" * 4000,
    "吃了" * 2000,
    "我想" * 2000,
    "站在楼顶" * 1000,
    "今晚就" * 1333,
    "自 " * 2000,
    "没有不会" * 1000,
    "kill my " * 500,
    "i want to just really " * 180,
    "药吞了一瓶，" * 660,
    "我妈说，" * 1000,
    "(" * 4000,
    "哈哈死" * 1333,
    "再见以后拜托" * 660,
]


@pytest.mark.parametrize("text", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_no_text_of_4000_characters_takes_long(text: str) -> None:
    screen(text[:100])
    best = min(_seconds(text) for _ in range(3))
    assert best < 0.25  # the goal is 50 ms on a quiet machine; see docs/triage.md for the figures
    assert best < 8 * max(_seconds(text[: len(text) // 4]), 0.004)  # grows with the length, not with its square


def _seconds(text: str) -> float:
    """Process time of one screening, so that a busy machine does not count."""
    start = time.process_time()
    result: Screening = screen(text)
    assert result.score >= 0.0
    return time.process_time() - start


@pytest.mark.parametrize(
    "text",
    [
        "他站在楼顶边上",
        "他站在楼顶边上，我们怎么叫都不下来",
        "我工友爬上塔吊了，说不给工资就跳",
        "女工宿舍有个姑娘把自己锁卫生间里，说手里有刀片",
    ],
)
def test_somebody_else_at_an_edge_now_is_imminent_and_not_taken_for_the_visitor(text: str) -> None:
    found = screen(text)
    assert (found.alarm, found.level, found.route) == (True, RiskLevel.IMMINENT, "third_party")


@pytest.mark.parametrize(
    "text",
    [
        "他站在楼顶边上装空调外机",
        "师傅坐在窗台上擦玻璃",
        "新闻里说有个人爬上塔吊，后来救下来了",
        "公司培训心理急救，老师讲有人站在窗台上要怎么开口",
        "坐窗台上擦玻璃，二十二楼，腿有点抖，下回得加钱",
        "水到腰了，我们抢险堵口子站了一夜",
    ],
)
def test_work_and_stories_at_an_edge_stay_quiet(text: str) -> None:
    assert not screen(text).alarm


def test_what_no_rule_knows_is_imminent_only_beside_a_place_or_a_means() -> None:
    at_a_place = screen("栏杆外面就剩我了，心里反倒静下来")
    assert at_a_place.level is RiskLevel.IMMINENT
    nowhere = next(found for found in map(screen, ("死对我来说是放假", "我连死的力气都没有")) if found.alarm)
    assert nowhere.level is not RiskLevel.IMMINENT


def test_whoever_worries_about_another_is_not_taken_for_the_one_in_danger() -> None:
    worried = screen("师傅最近把家里钥匙都交给我了，说以后用不着，我心里发毛")
    assert (worried.alarm, worried.route) == (False, "third_party")
    both = screen("师傅老说活着没意思，我心里发毛，我自己也不想活了")
    assert (both.alarm, both.route) == (True, "self")
