"""JUnit: the scorecard as the XML that build servers read, one test case for each question."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.tables import answer_words

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def junit_report(card: Scorecard) -> str:
    """One suite: a wrong question is a failure, one that could not be asked an error, one not judged skipped.

    A test case is named by the question's id, and classed by its first tag. Characters that XML 1.0
    forbids are left out.
    """
    suite = Element("testsuite", name="dateline eval")
    properties = SubElement(suite, "properties")
    named = {
        **{f"setting.{name}": str(value) for name, value in card.settings.items()},
        **{f"score.{name}": f"{found.value:.6f}" for name, found in card.scores.items()},
        "complete": str(card.complete).lower(),
    }
    for name, value in named.items():
        SubElement(properties, "property", name=_allowed(name), value=_allowed(value))
    cases = [_case(suite, result) for result in card.results]
    for attribute, outcome in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        suite.set(attribute, str(sum(case.find(outcome) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", _seconds(sum(result.seconds for result in card.results)))
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def _case(suite: Element, result: Result) -> Element:
    tag = result.asked.tags[0] if result.asked.tags else "untagged"
    case = SubElement(
        suite,
        "testcase",
        classname=_allowed(f"eval.{tag}"),
        name=_allowed(result.id),
        time=_seconds(result.seconds),
    )
    if result.error:
        _told(case, "error", result, result.error)
    elif "right" not in result.scores:
        skipped = SubElement(case, "skipped", message="The question does not say what is right.")
        skipped.text = _allowed("\n".join(result.missed)) or None
    elif result.scores["right"] < 1:
        _told(case, "failure", result, result.missed[0] if result.missed else "wrong")
    elif result.missed:
        SubElement(case, "system-out").text = _allowed("\n".join(result.missed))
    return case


def _told(case: Element, outcome: str, result: Result, message: str) -> None:
    asked = " → ".join([*result.asked.history, result.asked.question])
    said = [f"Answer: {answer_words(result.answer)}"] if result.answer else []
    text = _allowed("\n".join([*result.missed, f"Question: {asked}", *said]))
    SubElement(case, outcome, message=_allowed(message), type=outcome).text = text


def _seconds(seconds: float) -> str:
    return f"{seconds:.4f}"


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("", text)
