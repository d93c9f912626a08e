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


def link(url: str, label: str, host: str = "") -> str:
    """A link as it is drawn; its host stands behind a label that does not tell it."""
    attributes = f'href="{url}" target="_blank" rel="noopener noreferrer nofollow" title="{url}"'
    made = f"<a {attributes}>{label}</a>"
    return f'<span>{made}<span class="host"> ({host})</span></span>' if host else made


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
    "[a](https://h/x) <https://h>": f"<p>{link('https://h/x', 'a', 'h')} "
    f"{link('https://h', 'https://h')}</p>",
    "[h](https://h/x) [https://h/y](https://h/x)": f"<p>{link('https://h/x', 'h')} "
    f"{link('https://h/x', 'https://h/y')}</p>",
    "[at https://good](https://evil)": f"<p>{link('https://evil', 'at https://good', 'evil')}</p>",
    "[**https://good**](https://evil)": "<p>"
    f"{link('https://evil', '<strong>https://good</strong>', 'evil')}</p>",
    "https://good@evil/": f"<p>{link('https://good@evil/', 'https://good@evil/', 'evil')}</p>",
    "[a](https://)": "<p>[a](https://)</p>",
    "a\u202eb `\u2066`": "<p>a\\u202eb <code>\\u2066</code></p>",
    "```\n\u202e\n```": '<pre tabindex="0"><code>\\u202e</code></pre>',
    "[a](javascript:x) [b](data:text/html,x)": "<p>[a](javascript:x) [b](data:text/html,x)</p>",
    "![a](https://h/x.png)": f"<p>{link('https://h/x.png', 'a', 'h')}</p>",
    '[a](https://h/"onclick="x)': f"<p>{link('https://h/&quot;onclick=&quot;x', 'a', 'h')}</p>",
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
