"""The course kit: states and wording of a check, hints, solutions, quiz, predictions, progress."""

import contextlib
import json
import time
import types

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import padlock.course as course
from padlock import csr, keys
from padlock.authority import Authority
from padlock.course import answer, exercises, say, session, trying
from padlock.course.facts import all_facts
from padlock.course.model import Exercise, Explanation, Lesson, Question
from padlock.course.progress import MARK, BadProgress, Progress

SAN = Explanation(
    "no-san",
    "CN is the host name",
    "clients look at the SAN; the CN is ignored",
    "RFC 9525 §6",
    "add a SubjectAlternativeName.",
)


def first_task(a):
    """x is there"""
    a.x  # noqa: B018


def second_task(a):
    """x is 2"""
    if a.x != 2:
        raise answer.Miss(
            "no-san", "a client refuses", tried="TLS in memory", expected="a SAN", found="CN=api.test"
        )


def calls(a):
    """f gives 4"""
    if a.call("f", 2) != 4:
        raise answer.Miss("no-san", "f(2) is not 4")


def broken(a):
    """never"""
    raise KeyError("ours")


def exercise(*tasks, asks=("x",), id="99-x"):
    return Exercise(
        id,
        "Make x",
        asks,
        tasks,
        ("look here now", "the idea is", "the call is", "nearly the code"),
        (),
        "it holds.",
    )


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("PADLOCK_HOME", str(tmp_path / "home"))


@pytest.fixture
def opened(monkeypatch):
    """A lesson of our own, so that these tests do not change when a real lesson does."""
    lesson = Lesson(
        "99_test", "Testing", (1, 2),
        (exercise(first_task, second_task), exercise(calls, asks=("f",), id="99-f"), exercise(broken, id="99-b")),
        (SAN,),
        (Question("Which?", "this", "Because.", {"that": ("no-san", "No."), "those": ("no-san", "Nor those.")}),),
    )  # fmt: skip
    monkeypatch.setattr(session, "slugs", lambda: ("99_test",))
    monkeypatch.setattr(session, "load", lambda slug: lesson)
    course.lesson("99_test")
    return lesson


def check_with(n, **names):
    """`check` looks in its caller's globals, as in a notebook."""
    space = {"check": course.check, **names}
    exec(f"shown = check({n})", space)
    return space["shown"].text


def test_not_tried(opened):
    for names in ({}, {"x": ...}, {"x": None}):
        text = check_with(1, **names)
        assert text.startswith("? Not tried yet: Make x")
        assert "hint(1)" in text
        assert ("x is None" in text) is (names == {"x": None})


def test_partly_says_the_first_failing_task_in_the_agreed_form(opened):
    assert check_with(1, x=1).splitlines() == [
        "✗ 2 of 2: a client refuses",
        "Tried:     TLS in memory",
        "Expected:  a SAN    Found: CN=api.test",
        "Why:       clients look at the SAN; the CN is ignored  [no-san]  RFC 9525 §6",
        'Next:      add a SubjectAlternativeName.  hint(1) · explain("no-san")',
    ]


def test_our_rows_show_code_and_foreign_ones_do_not():
    shown = say.lines("refused", "no", [("Found", "`a` <b>"), ("Next", "use `x.y()`, not <i>")])
    assert "<dd>`a` &lt;b&gt;</dd>" in shown.html
    assert "use <code>x.y()</code>, not &lt;i&gt;" in shown.html
    assert "Next:      use `x.y()`, not <i>" in shown.text


def test_solved_stays_solved_and_later_breaks_read_worked_before(opened):
    assert check_with(1, x=2).startswith("✓ Solved: Make x (2 of 2 hold)")
    assert check_with(1, x=1).startswith("↻ 2 of 2: a client refuses (it worked before, and stays solved)")
    assert "worked before" in check_with(1)
    assert session._session.progress.has("solved", "99-x")


def test_learners_own_error_is_shown_once_without_traceback(opened):
    space = {"check": course.check}
    exec(compile("def f(n):\n    return n / 0\n", "cell", "exec"), space)
    exec("shown = check(2)", space)
    text = space["shown"].text
    assert "your code raised" in text
    assert text.count("ZeroDivisionError: division by zero") == 1
    assert "line 2" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "made",
    ["f = lambda: 7", "def f(): return True", 'def f(): return "x"', "def f(n):\n    'doc'\n    return 0"],
)
def test_a_function_that_returns_a_constant_is_tried(made):
    space = {}
    exec(made, space)
    assert answer.Answer(space).has("f")


@pytest.mark.parametrize(
    "stub", ["def f(n):\n    ...", 'def f(n):\n    """What it does."""\n    ...', "def f(n, m=3): pass"]
)
def test_an_empty_function_is_not_tried(opened, stub):
    space = {}
    exec(stub, space)
    assert check_with(2, f=space["f"]).startswith("? Not tried yet")


@pytest.mark.parametrize(
    "code", ["f = lambda n: True", "def f(n): return True", 'def f(n):\n    """What?"""\n    return 7']
)
def test_a_function_that_always_says_the_same_is_tried(opened, code):
    space = {}
    exec(code, space)
    assert "Not tried yet" not in check_with(2, f=space["f"])


def test_endless_code_is_given_up(opened, monkeypatch):
    monkeypatch.setattr(answer, "LIMIT_SECONDS", 0.2)

    def f(n):
        while True:
            with contextlib.suppress(
                Exception
            ):  # as careless code does; the limit must get through all the same
                n += 1

    text = check_with(2, f=f)
    assert "your code took too long" in text
    assert "did not come back" in text


def test_slow_code_is_given_up_when_all_its_calls_took_too_long(monkeypatch):
    monkeypatch.setattr(answer, "LIMIT_SECONDS", 0.5)
    monkeypatch.setattr(answer, "BUDGET_SECONDS", 0.6)
    a = answer.Answer({"f": lambda: time.sleep(0.25)})
    a.call("f")
    a.call("f")
    with pytest.raises(answer.YourCodeRaised, match="together"):
        a.call("f")


def test_what_the_lesson_gave_is_known_or_a_miss_says_to_make_it_again():
    a = answer.Answer({"ca": 7, "cases": {"first": 1}})
    assert a.given("ca", int) == 7
    assert a.given("cases", lambda cases: cases["first"]) == 1
    for name, fits in (("ca", str), ("nowhere", int), ("cases", lambda cases: cases["second"])):
        with pytest.raises(answer.Miss) as raised:
            a.given(name, fits)
        assert raised.value.id == "given-changed"
        assert name in raised.value.headline


def test_what_cannot_serve_is_told_apart():
    root = Authority("Class Root")
    below = root.intermediate("Class Issuing CA").issue("api.test")
    other, short = keys.make(), rsa.generate_private_key(65537, 1024)
    wrong = {
        "key-mismatch": [(below.chain, other), (below.chain[::-1], below.private_key)],
        "unknown-ca": [(below.certificate, below.private_key)],
        "key-unfit": [
            root.issue("api.test", key=ec.generate_private_key(ec.SECP256K1())),
            root.issue("api.test", key=short),
        ],
        "csr-given": [(csr.make(["api.test"], other), other)],
    }
    for id, identities in wrong.items():
        for identity in identities:
            with pytest.raises(answer.Miss) as raised:
                trying.must_accept(identity, "api.test", [root.certificate], "your root")
            assert raised.value.id == id, raised.value.found


@pytest.mark.parametrize("leaving", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_code_that_leaves_does_not_end_the_kernel(opened, leaving):
    def f(n):
        raise leaving

    assert type(leaving).__name__ in check_with(2, f=f)


def test_a_mistake_of_ours_is_called_ours(opened):
    text = check_with(3, x=1)
    assert text.startswith("? The check itself failed: this is our mistake")
    assert "KeyError" in text


@pytest.mark.parametrize("n", [0, 4, -1, "1", 1.0, True, [], object()])
def test_no_such_exercise(opened, n):
    assert "exercises 1 to 3" in course.check(n).text
    assert "exercises 1 to 3" in course.hint(n).text
    assert "exercises 1 to 3" in course.solution(n).text
    assert "exercises 1 to 3" in course.reset(n).text


def test_without_a_number_the_latest_is_meant(opened):
    check_with(2, f=abs)
    assert "Hint 1 of 4" in course.hint().text
    assert session._session.rungs == {"99-f": 1}


def test_hints_climb_and_stop_at_the_last(opened):
    texts = [course.hint(1).text for _ in range(6)]
    assert [t.splitlines()[0] for t in texts[:4]] == [
        "Hint 1 of 4, look here: look here now",
        "Hint 2 of 4, the idea: the idea is",
        "Hint 3 of 4, the call: the call is",
        "Hint 4 of 4, nearly the code: nearly the code",
    ]
    assert texts[3] == texts[4] == texts[5]


def test_solution_after_solving_or_on_asking_twice(opened):
    assert "You have not solved" in course.solution(1).text
    assert "One way" in course.solution(1).text
    check_with(2, f=lambda n: 2 * n)
    assert "One way" in course.solution(2).text


def test_explain(opened):
    assert "clients look at the SAN" in course.explain("no-san").text
    assert "'no-san'" in course.explain("no-sans").text
    assert "explain() lists" in course.explain("‮<script>").text
    assert "<script>" not in course.explain("<script>").html
    assert "no-san" in course.explain().text
    assert "no explanation" in course.explain(7).text


def test_quiz_gives_feedback_for_every_option(opened):
    shown = course.quiz()
    panel = shown.panels[0]
    for control in panel.controls:
        panel.press(control.name)
        assert panel.sentence.startswith("✓" if control.label == "this" else "✗")
        assert "Because." in panel.sentence or 'explain("no-san")' in panel.sentence
    assert session._session.progress.has("answered", "99_test#1")
    assert repr(shown) == "<Quiz: 1 questions>"


def test_prediction_is_answered_by_the_run():
    p = course.predict("Does it fit?", fits="it fits", broken="it does not")
    assert p.sentence == "Choose one, then run the next cell."
    p.press("fits")
    p.press("broken")
    assert "You expect: “it does not”" in p.sentence
    assert p.saw("broken").text.startswith("✓ As you expected")
    p.press("fits")  # too late: the run has answered
    assert p.chosen == "broken"
    assert p.saw("fits").text.startswith("✗ You expected: “it does not”")


def test_prediction_not_made_is_no_error():
    p = course.predict("Does it fit?", fits="it fits", broken="it does not")
    assert p.saw("fits").text.startswith("? It is: “it fits”.")
    with pytest.raises(ValueError, match="none of this prediction's options"):
        p.saw("perhaps")


def test_what_was_chosen_stays_marked():
    p = course.predict("Does it fit?", fits="it fits", broken="it does not")
    p.press("fits")
    p.press("broken")
    assert [c["label"] for c in p._drawn] == ["it fits", "it does not  ← you expect this"]


class Shell:
    """As much of IPython as `Cells` needs."""

    def __init__(self):
        self.events, self.heard = self, {}

    def register(self, event, callback):
        self.heard[event] = callback

    def unregister(self, event, callback):
        assert callback == self.heard.pop(event)

    def run(self, code, error=None, meanwhile=lambda: None):
        info = types.SimpleNamespace(raw_cell=code)
        self.heard["pre_run_cell"](info)
        said = meanwhile()
        self.heard["post_run_cell"](
            types.SimpleNamespace(info=info, error_before_exec=None, error_in_exec=error)
        )
        return said


def test_a_cell_that_failed_is_not_judged_by_what_an_earlier_run_left(opened, monkeypatch):
    shell = Shell()
    monkeypatch.setattr(session.cells, "_shell", lambda: shell)
    course.lesson("99_test")
    shell.run("x = 2")
    assert check_with(1, x=2).startswith("✓")
    shell.run("# again\nx = 1 / 0", ZeroDivisionError("division by zero"))
    text = check_with(1, x=2)
    assert text.startswith("? The cell that makes x ended with an error")
    assert "ZeroDivisionError: division by zero" in text
    assert shell.run("check(1)", meanwhile=lambda: check_with(1, x=2)) == text
    mended = shell.run("x = 2\ncheck(1)", meanwhile=lambda: check_with(1, x=2))
    assert mended.startswith("✓"), "a check in the cell that makes x comes after x"
    shell.run("x == 3", NameError("x"))  # it looks at x and does not make it
    shell.run("x: int = 2")
    assert check_with(1, x=2).startswith("✓")
    shell.run("def f(n):\n    return m")
    shell.run("def f(n) return n", SyntaxError("invalid syntax"))
    assert "SyntaxError" in check_with(2, f=abs)


def test_explain_takes_the_number_of_an_exercise(opened):
    check_with(1, x=1)
    assert course.explain(1).text.startswith("no-san")
    assert "no refusal of exercise 2" in course.explain(2).text
    assert course.explain().text.splitlines()[0].startswith("What people believe, and what is not so")
    assert course.explain().text.splitlines()[1].startswith("no-san")


def test_restore_takes_what_export_shows(opened):
    check_with(1, x=2)
    shown = course.export()
    for given in (shown, shown.text, f"Hello,\nhere it is: {shown.text}\n"):
        assert "1 exercises solved" in course.restore(given).text


def test_map_shows_where_the_learner_is():
    slug = exercises.slugs()[0]
    course.lesson(slug)
    shown = course.progress()
    assert "you are here" in shown.text
    assert 'aria-current="step"' in shown.html
    for known in exercises.slugs():
        assert f'href="{known}.ipynb"' in shown.html
    assert "to come" in shown.text


def test_solution_notebooks_leave_progress_alone(opened):
    course.lesson("99_test", record=False)
    assert check_with(1, x=2).startswith("✓")
    assert not session._session.progress.has("solved", "99-x")


# ---- progress


def test_progress_survives_and_is_one_small_file(tmp_path):
    Progress(tmp_path).add("solved", "00-x")
    assert [p.name for p in tmp_path.iterdir()] == ["progress.json"]
    assert Progress(tmp_path).has("solved", "00-x")


def test_two_notebooks_do_not_lose_each_others_progress(tmp_path):
    one, two = Progress(tmp_path), Progress(tmp_path)
    one.add("solved", "a")
    two.add("solved", "b")
    assert Progress(tmp_path).has("solved", "a")
    assert Progress(tmp_path).has("solved", "b")


def test_export_and_restore(tmp_path):
    here, there = Progress(tmp_path / "here"), Progress(tmp_path / "there")
    here.add("solved", "a")
    there.add("solved", "b")
    text = here.export()
    broken_by_mail = "\n".join(text[i : i + 30] for i in range(0, len(text), 30))
    assert there.restore(broken_by_mail)[0] == 2
    assert there.restore(broken_by_mail)[1].exists()


@pytest.mark.parametrize(
    "bad", ["", "   ", "hello", MARK, MARK + "????", MARK + "AAAA", "x" * 200_000, None, 7, b"padlock1:"]
)
def test_bad_progress_text_is_refused_in_a_sentence_and_changes_nothing(tmp_path, bad):
    progress = Progress(tmp_path)
    progress.add("solved", "a")
    before = (tmp_path / "progress.json").read_bytes()
    with pytest.raises(BadProgress, match=r"restore\(\) takes"):
        progress.restore(bad)
    assert (tmp_path / "progress.json").read_bytes() == before
    assert course.restore(bad).text.startswith("✗")


def test_truncated_export_is_refused(tmp_path):
    progress = Progress(tmp_path)
    progress.add("solved", "a")
    text = progress.export()
    for cut in range(len(MARK), len(text)):
        with pytest.raises(BadProgress):
            progress.restore(text[:cut])


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 2}', '{"version": 1, "solved": 7}', "\x00", "[" * 100_000]
)
def test_unreadable_file_is_set_aside(tmp_path, content):
    (tmp_path / "progress.json").write_text(content)
    progress = Progress(tmp_path)
    assert "set aside" in progress.trouble
    assert [p.read_text() for p in tmp_path.glob("progress-unreadable-*")] == [content]
    progress.add("solved", "a")
    assert json.loads((tmp_path / "progress.json").read_text())["solved"] == ["a"]


def test_unwritable_folder_keeps_progress_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    progress = Progress(tmp_path / "file" / "below")
    progress.add("solved", "a")
    assert progress.has("solved", "a")
    progress.add("solved", "b")
    assert progress.has("solved", "a")
    assert "cannot be" in progress.trouble


def test_reset_makes_a_backup_first(opened, tmp_path):
    check_with(1, x=2)
    check_with(2, f=lambda n: 2 * n)
    assert "is open again" in course.reset(1).text
    assert not session._session.progress.has("solved", "99-x")
    assert session._session.progress.has("solved", "99-f")
    assert list((tmp_path / "home").glob("progress-backup-*"))
    assert "All exercises" in course.reset().text
    assert not session._session.progress.has("solved", "99-f")


# ---- facts


def test_facts_have_source_and_date_and_say_what_holds_on_a_day():
    known = all_facts()
    assert known
    for fact in known.values():
        assert fact.source
        assert fact.as_of
        assert list(fact.steps) == sorted(fact.steps)
        assert course.facts(fact.id).text.startswith(fact.what)
    validity = known["public-tls-validity"]
    changes = [day for day, _ in validity.steps]
    assert [validity.value(day) for day in changes] == [value for _, value in validity.steps]
    assert validity.next_step(changes[-1]) == ""
    assert validity.steps[1][1] in validity.next_step(changes[0])


def test_unknown_fact_is_named():
    with pytest.raises(ValueError, match="no fact called"):
        course.facts("no-such-fact")
