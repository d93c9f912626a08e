"""What a model writes, as elements: text stays text, and nothing stalls the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.servers.loopback import Server
from tests.web.browser.conftest import Open, Served, two_endpoints

pytestmark = pytest.mark.browser
RENDER = """async (texts) => {
  const { render } = await import("/static/markdown.js");
  return texts.map((text) => {
    const place = document.createElement("div");
    const began = performance.now();
    render(place, text);
    return [place.innerHTML, performance.now() - began];
  });
}"""
LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
CASES = {
    "plain": "<p>plain</p>",
    "a *b* **c** `d` ~~e~~": "<p>a <em>b</em> <strong>c</strong> <code>d</code> <del>e</del></p>",
    "snake_case_name and 2 * 3 * 4": "<p>snake_case_name and 2 * 3 * 4</p>",
    "``a ` b`` and ` c": "<p><code>a ` b</code> and ` c</p>",
    "\\*no\\*": "<p>*no*</p>",
    "a   \nb": "<p>a <br>b</p>",
    "# A #\ntext": "<h3>A</h3><p>text</p>",
    "- a\n- b\n  - c\n\nd": "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>",
    "3. a\n4. b": '<ol start="3"><li>a</li><li>b</li></ol>',
    "> a\n> b": "<blockquote><p>a\nb</p></blockquote>",
    "---": "<hr>",
    "```py\n<b>\n": '<pre data-language="py" tabindex="0"><code>&lt;b&gt;\n</code></pre>',
    "a | b\n--- | --:\n1 | 2": '<div class="table-box" tabindex="0"><table><thead><tr><th>a</th>'
    '<th class="right">b</th></tr></thead><tbody><tr><td>1</td><td class="right">2</td></tr>'
    "</tbody></table></div>",
    "<script>x</script><img src=x onerror=y>": "<p>&lt;script&gt;x&lt;/script&gt;"
    "&lt;img src=x onerror=y&gt;</p>",
    "[a](https://h/x) <https://h>": f'<p><a href="https://h/x" {LINK}>a</a> '
    f'<a href="https://h" {LINK}>https://h</a></p>',
    "[a](javascript:x) [b](data:text/html,x)": "<p>[a](javascript:x) [b](data:text/html,x)</p>",
    "![a](https://h/x.png)": f'<p><a href="https://h/x.png" {LINK}>a</a></p>',
    '[a](https://h/"onclick="x)': f'<p><a href="https://h/&quot;onclick=&quot;x" {LINK}>a</a></p>',
}
LONG = 100_000
STALLING = [
    *("`", "*", "**a ", "_a ", "[", "![a](", "<", "> ", "- ", "\\", "https://h", "| ", "~"),
    *("`a", "1. ", "a|b\n-", "#", "# ", "__a"),
]


def test_every_form(served: Served, open_page: Open, openai_server: Server) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/playground")
    expect(page.get_by_label("Prompt")).to_be_visible()
    shown = [html for html, _ in page.evaluate(RENDER, list(CASES))]
    assert dict(zip(CASES, shown, strict=True)) == CASES


def test_nothing_stalls_the_page(served: Served, open_page: Open, openai_server: Server) -> None:
    two_endpoints(served.project, openai_server)
    page = open_page(served.server, "/playground")
    texts = [piece * (LONG // len(piece)) + "x" for piece in STALLING]
    texts += ["# " + " " * LONG + "x", "a|b\n" + " " * LONG + "x", "- a\n" * (LONG // 4)]
    took = {
        text[:8]: milliseconds
        for text, (_, milliseconds) in zip(texts, page.evaluate(RENDER, texts), strict=True)
    }
    assert {text: round(ms) for text, ms in took.items() if ms > 3_000} == {}
