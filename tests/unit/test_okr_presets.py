"""Other products' rules: each gives the product's own answer, in its own words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Kpi, Okrs, ScoringRules, Status, StatusRule
from okr.presets import PRESETS, UNPUBLISHED, check_preset, parse_rule, render_rule, say_rule
from okr.scorecard import make_scorecard
from okr.status import RULES, Outlook, check_status_rule, judge
from okr.words import OURS, list_words, murmur_status, read_status, say_status
from tests.unit.okr_rows import CYCLE, TODAY, key_result, known, objective, reading

D = Decimal
RAN_OUT = {"atlassian", "workpath"}  # they look at the forecast: here the pace so far drawn on


def answer(name, elapsed, progress, forecast=None):
    rule = PRESETS[name].rule
    outlook = Outlook(D(progress) / 100, D(elapsed) / 100, D(elapsed) / 100, None if forecast is None else D(forecast))
    return say_status(judge(rule, outlook), rule)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("engagedly", "On track"),
        ("oboard", "Behind"),
        ("viva", "Behind"),
        ("amoeboids", "At risk"),
        ("shamanr", "Risk"),
        ("mooncamp", "Off track"),
        ("workpath", "Attention"),
        ("boja", "At risk"),
        ("atlassian", "At risk"),
        ("google", "Red"),
        ("puzzle", "Fail"),
    ],
)
def test_one_key_result_has_as_many_statuses_as_there_are_products(name, said):
    assert answer(name, 40, 25) == said


def test_every_preset_answers_above():
    (mark,) = test_one_key_result_has_as_many_statuses_as_there_are_products.pytestmark
    assert {name for name, _ in mark.args[1]} == PRESETS.keys()


@pytest.mark.parametrize(
    ("name", "elapsed", "progress", "said"),
    [
        ("viva", 40, 40, "On track"),
        ("viva", 40, "39.99", "Behind"),
        ("viva", 90, 0, "Behind"),
        ("oboard", 50, 35, "On track"),
        ("oboard", 50, "34.9", "Behind"),
        ("oboard", 50, 20, "Behind"),
        ("oboard", 50, "19.9", "At risk"),
        ("amoeboids", 40, 38, "On track"),
        ("amoeboids", 40, "37.9", "Lagging"),
        ("amoeboids", 40, 30, "Lagging"),
        ("amoeboids", 40, "29.9", "At risk"),
        ("engagedly", 50, "33.5", "On track"),
        ("engagedly", 50, "33.4", "Behind"),
        ("engagedly", 50, 17, "Behind"),
        ("engagedly", 50, "16.9", "At risk"),
        ("shamanr", 50, 40, "OK"),
        ("shamanr", 50, "39.9", "Risk"),
        ("shamanr", 50, 25, "Risk"),
        ("shamanr", 50, "24.9", "Behind"),
        ("mooncamp", 50, 45, "On track"),
        ("mooncamp", 50, "44.9", "Progressing"),
        ("mooncamp", 50, 35, "Progressing"),
        ("mooncamp", 50, "34.9", "Off track"),
        ("boja", 10, 60, "On track"),
        ("boja", 90, 59, "At risk"),
        ("boja", 90, 20, "At risk"),
        ("boja", 1, 19, "Off track"),
        ("google", 90, 70, "Green"),
        ("google", 90, 65, "Green"),
        ("google", 90, 60, "Yellow"),
        ("google", 90, 40, "Yellow"),
        ("google", 90, 34, "Red"),
        ("puzzle", 10, 70, "Target"),
        ("puzzle", 10, 30, "Commit"),
        ("puzzle", 10, 29, "Fail"),
    ],
)
def test_thresholds_lie_where_the_product_has_them(name, elapsed, progress, said):
    assert answer(name, elapsed, progress) == said


@pytest.mark.parametrize(
    ("name", "forecast", "said"),
    [
        ("workpath", "0.7", "On track"),
        ("workpath", "0.69", "Attention"),
        ("workpath", "0.3", "Attention"),
        ("workpath", "0.29", "Off track"),
        ("atlassian", "0.7", "On track"),
        ("atlassian", "0.6", "At risk"),
        ("atlassian", "0.4", "At risk"),
        ("atlassian", "0.3", "Off track"),
    ],
)
def test_two_look_at_the_forecast(name, forecast, said):
    assert answer(name, 40, 1, forecast) == said
    assert PRESETS[name].rule.name == "forecast"
    assert name in RAN_OUT


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_sound_rule_with_a_source_and_words_of_its_own(name):
    preset = PRESETS[name]
    assert preset.rule.preset == name
    assert preset.rule.name in RULES
    assert check_status_rule(preset.rule) == ()
    assert preset.source.startswith("https://")
    words = list_words(preset.rule)
    assert len({word.casefold() for word in words.values()}) == len(Status)
    assert all(words[status] == status.value for status in (Status.NO_DATA, Status.CLOSED, Status.PAUSED))


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("status", Status)
def test_its_words_are_understood_before_ours(name, status):
    rule = PRESETS[name].rule
    assert read_status(f" {say_status(status, rule).upper()} ", rule) is status
    taken = {label.casefold() for label in rule.labels.values()}
    if status.value.casefold() not in taken:
        assert read_status(status.value, rule) is status
    assert read_status(status.value) is status


def test_words_in_sentences():
    rule = PRESETS["shamanr"].rule
    assert (murmur_status(Status.ON_TRACK, rule), murmur_status(Status.MISSED, rule)) == ("OK", "missed")
    assert read_status("splendid", rule) is None


def test_what_is_published_in_part_is_refused_with_the_reason():
    for name, reason in UNPUBLISHED.items():
        (problem,) = check_preset(name)
        assert problem.code == "okr.unpublished-rule"
        assert reason in problem.message
    assert not UNPUBLISHED.keys() & PRESETS.keys()


def test_other_names_are_unknown():
    assert check_preset("oboard") == ()
    (near,) = check_preset("obord")
    assert near.fix == "Did you mean oboard?"
    (far,) = check_preset("zzz")
    assert far.fix is not None
    assert "amoeboids, atlassian" in far.fix


@pytest.mark.parametrize("rule", [OURS, StatusRule("absolute", D("0.6"), D("0.30"), D(0)), PRESETS["viva"].rule])
def test_a_rule_is_remembered_as_one_text(rule):
    assert parse_rule(render_rule(rule)) == rule


@pytest.mark.parametrize("text", ["", "pace_ratio", "nothing of ours", "a b c d"])
def test_no_rule_is_read_out_of_other_texts(text):
    assert parse_rule(text) is None


def test_rules_for_people():
    assert say_rule(PRESETS["oboard"].rule) == "Oboard’s rule"
    assert say_rule(OURS) == "pace_ratio 0.9/0.7"


LEVELS = {Status.OFF_TRACK: 0, Status.AT_RISK: 1, Status.ON_TRACK: 2}
SHARES = st.decimals(0, 1, places=4)


@given(st.sampled_from(sorted(PRESETS)), SHARES, SHARES, SHARES)
def test_no_preset_punishes_progress(name, pace, low, high):
    low, high = sorted((low, high))
    rule = PRESETS[name].rule
    levels = [LEVELS[judge(rule, Outlook(score, pace, pace, score))] for score in (low, high)]
    assert levels[0] <= levels[1]


def test_the_whole_scorecard_speaks_the_products_words():
    okrs = Okrs(
        {CYCLE.name: CYCLE}, (objective("O"),), (key_result("K", objective="O"), key_result("L", objective="O"))
    )
    rules = ScoringRules(status=PRESETS["amoeboids"].rule)
    held = replace(known(K=1)[key_result("K").key], held_status=Status.ON_TRACK)
    card = make_scorecard(okrs, known(K=held, L=5), rules, TODAY)
    assert [result.word for result in card.key_results.values()] == ["On track", "Lagging"]
    (first, _) = card.key_results.values()
    assert "the rule says At risk: 0.10 of 0.58" in first.why
    assert card.objectives[objective("O").key].word == "Lagging"
    assert card.objectives[objective("O").key].why.startswith("Lagging: L; ")
    kpi = Kpi("P", "Uptime", healthy_from=D(99))
    kpis = make_scorecard(Okrs({}, (), (), (kpi,)), {kpi.key: reading(98)}, rules, TODAY).kpis
    assert kpis[kpi.key].word == "At risk"
    plain = make_scorecard(okrs, known(K=held, L=5), ScoringRules(), TODAY)
    assert [result.word for result in plain.key_results.values()] == ["On track", "At risk"]
