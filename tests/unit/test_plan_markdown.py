"""Markdown that shows people's texts and lets them do nothing."""

import pytest

from sync.tell.plan_markdown import md


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0.66 of 0.69 expected; 21 of 40 done.", "0.66 of 0.69 expected; 21 of 40 done."),
        ("jira: down - again", "jira: down - again"),
        ("*a* _b_ `c` [d](e) ~f~", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~f\\~"),
        ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
        ("a|b @c #12 # 13", "a&#124;b &#64;c &#35;12 # 13"),
        ("http://x.example www.x.example", "http&#58;//x.example www&#46;x.example"),
        ("# title", "&#8203;# title"),
        ("- item", "&#8203;- item"),
        ("1. item", "&#8203;1. item"),
        ("1.5 of 2", "1.5 of 2"),
        ("two\nlines\t of it", "two lines of it"),
    ],
)
def test_text_stays_text(text, written):
    assert md(text) == written
