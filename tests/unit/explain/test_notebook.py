"""What notebooks show."""

import xml.etree.ElementTree as ET

import numpy as np

import chainrule as cr


def f(x, y):
    less = x * y  # is it < 3 & so on?
    return less + x


def loss(W, x):
    return np.sum((W @ x) ** 2)


def test_the_bundle_has_text_and_html_without_scripts() -> None:
    staged = cr.stages(f, 2.0, 3.0)
    for shown in (staged, staged.explain(2.0, 3.0)):
        bundle = shown._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html"}
        assert bundle["text/plain"] == str(shown)
        assert "<script" not in bundle["text/html"]
        assert "http" not in bundle["text/html"].replace("http://www.w3.org/2000/svg", "")
        assert "is it &lt; 3 &amp; so on?" in bundle["text/html"]
        ET.fromstring(bundle["text/html"])


def test_colours_serve_light_and_dark_pages() -> None:
    html = cr.stages(f, 2.0, 3.0).explain(2.0, 3.0)._repr_mimebundle_()["text/html"]
    assert "color:inherit" in html
    assert "background:transparent" in html
    assert "#000" not in html
    assert "white;" not in html


def test_only_programs_of_numbers_are_drawn() -> None:
    assert "<svg" in cr.stages(f, 2.0, 3.0)._repr_mimebundle_()["text/html"]
    html = cr.stages(loss, np.ones((2, 3)), np.ones(3))._repr_mimebundle_()["text/html"]
    assert "<svg" not in html
