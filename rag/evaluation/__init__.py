"""Evaluation: how good the answers are, measured without a judge model.

`python -m rag eval` is the way for scripts. In a program:

    from rag.evaluation import AssistantClient, Catalogue, evaluate, read_questions

    questions = read_questions(Path("questions.jsonl")).questions
    card = evaluate(AssistantClient(assistant), questions, Catalogue.of(library.articles()))
    print(card.scores["right"])

`langsmith_evaluator` gives the same scores in LangSmith's form of an evaluator.
"""

from rag.evaluation.catalogue import Catalogue
from rag.evaluation.clients import AssistantClient, Client, GoldClient
from rag.evaluation.comparing import Comparison, compare
from rag.evaluation.evaluators import langsmith_evaluator
from rag.evaluation.formats import read_questions
from rag.evaluation.measures import MEASURES, Measure, score_answer
from rag.evaluation.questions import EvalQuestion, QuestionSet
from rag.evaluation.running import evaluate
from rag.evaluation.scorecard import Result, Scorecard
from rag.evaluation.statistics import Difference, Estimate

__all__ = [
    "MEASURES",
    "AssistantClient",
    "Catalogue",
    "Client",
    "Comparison",
    "Difference",
    "Estimate",
    "EvalQuestion",
    "GoldClient",
    "Measure",
    "QuestionSet",
    "Result",
    "Scorecard",
    "compare",
    "evaluate",
    "langsmith_evaluator",
    "read_questions",
    "score_answer",
]
