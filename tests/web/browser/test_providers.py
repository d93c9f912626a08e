"""The page of the providers: add, test, use a model, edit in two windows, delete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.servers import openai_wire
from tests.servers.loopback import Exchange, Server
from tests.web.browser.conftest import Open, Served, saved

pytestmark = pytest.mark.browser


def begin(page: Page, kind: str, base: str = "") -> None:
    """Open the dialog of a new provider and choose its type."""
    page.get_by_role("button", name="Add provider").first.click()
    page.get_by_label("Type").select_option(kind)
    if base:
        page.get_by_label("Base URL").fill(base)


def ollama_list(exchange: Exchange) -> None:
    """Answer as Ollama lists its models."""
    if exchange.request.path == "/api/tags":
        exchange.whole(200, b'{"models":[{"name":"llama3:8b"}]}', openai_wire.JSON)
    else:
        openai_wire.say()(exchange)


@pytest.mark.parametrize(
    ("kind", "base", "placeholder", "description"),
    [
        pytest.param(
            "litellm",
            "http://localhost:4000",
            "Optional unless proxy requires auth",
            "Single gateway for multiple model providers",
            id="litellm",
        ),
        pytest.param(
            "openai", "", "${OPENAI_API_KEY}", "GPT and o-series models from OpenAI", id="openai"
        ),
        pytest.param(
            "ollama",
            "http://localhost:11434",
            "Optional",
            "Models on your own machine, served by Ollama",
            id="ollama",
        ),
    ],
)
def test_a_type_is_offered_with_its_defaults(
    served: Served, open_page: Open, kind: str, base: str, placeholder: str, description: str
) -> None:
    page = open_page(served.server, "/providers")
    begin(page, kind)
    option = page.locator(f"#f-type option[value={kind}]")
    expect(option).to_be_enabled()
    expect(page.get_by_label("Base URL")).to_have_value(base)
    expect(page.get_by_label("API key")).to_have_attribute("placeholder", placeholder)
    expect(page.get_by_text(description)).to_be_visible()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        pytest.param("localhost:4000", "Begins with http:// or https://", id="no-scheme"),
        pytest.param("ftp://host", "Begins with http:// or https://", id="another-scheme"),
        pytest.param("http://", "Begins with http:// or https://", id="no-host"),
        pytest.param(
            "http://me:word@host",
            "Put the key into API key, not into the address",
            id="password",
        ),
    ],
)
def test_an_address_is_checked_beside_its_field(
    served: Served, open_page: Open, address: str, says: str
) -> None:
    page = open_page(served.server, "/providers")
    begin(page, "litellm", address)
    page.get_by_label("API key").focus()
    field = page.get_by_label("Base URL")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#e-apiBase")).to_have_text(says)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(field).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("kind", ["litellm", "openai", "ollama"])
def test_from_an_address_to_an_endpoint(
    served: Served, open_page: Open, openai_server: Server, kind: str
) -> None:
    openai_server.default = ollama_list if kind == "ollama" else openai_wire.say()
    model = "llama3:8b" if kind == "ollama" else "gpt-4o-mini"
    page = open_page(served.server, "/providers")
    begin(page, kind, openai_server.root if kind == "ollama" else openai_server.base)
    page.get_by_label("API key").fill("${LOOP_KEY}")
    page.get_by_role("button", name="Save and test connection").click()
    expect(page.get_by_text(re.compile(r"It answers in \d+ ms: \d models?"))).to_be_visible()
    page.get_by_role("combobox", name="Model").fill(model[-4:])
    page.get_by_role("option", name=model).click()
    page.get_by_role("button", name="Use this model").click()
    made = model.replace(":", "-")
    expect(page.get_by_text(f"Endpoint {made} made")).to_be_visible()
    card = page.locator(".card")
    expect(card.get_by_role("link", name=made)).to_be_visible()
    expect(card.locator("[data-part=test]")).to_contain_text("answers in")
    config = saved(served.project)
    assert config["providers"][0]["apiKey"] == "${LOOP_KEY}"
    assert [(e["id"], e["model"]) for e in config["endpoints"]] == [(made, model)]
    assert config["defaultEndpoint"] == made


def no_models(exchange: Exchange) -> None:
    exchange.whole(200, b'{"object":"list","data":[]}', openai_wire.JSON)


@pytest.mark.parametrize(
    ("behaviour", "hint", "outcome"),
    [
        pytest.param(no_models, "No models returned", "No models returned", id="empty"),
        pytest.param(
            openai_wire.status(401), "Could not fetch models", "Invalid API key", id="refused"
        ),
        pytest.param(
            openai_wire.raw(b"<html>hi</html>"), "Could not fetch models", "web page", id="html"
        ),
    ],
)
def test_a_model_can_be_typed_where_none_is_listed(
    served: Served,
    open_page: Open,
    openai_server: Server,
    behaviour: Any,
    hint: str,
    outcome: str,
) -> None:
    openai_server.default = behaviour
    page = open_page(served.server, "/providers")
    begin(page, "litellm", openai_server.base)
    page.get_by_role("button", name="Save and test connection").click()
    expect(page.locator("[data-part=model-hint]")).to_contain_text(hint)
    expect(page.locator("[data-part=outcome]")).to_contain_text(outcome)
    expect(page.locator(".toast.bad")).to_contain_text("LiteLLM: ")
    page.get_by_role("combobox", name="Model").fill("house/own-model")
    expect(page.get_by_label("Endpoint ID")).to_have_value("own-model")
    page.get_by_role("button", name="Use this model").click()
    expect(page.get_by_text("Endpoint own-model made")).to_be_visible()
    assert saved(served.project)["endpoints"][0]["model"] == "house/own-model"


def test_an_unknown_type_is_insisted_on_and_what_is_noted_is_shown(
    served: Served, open_page: Open
) -> None:
    page = open_page(served.server, "/providers")
    begin(page, "")
    page.get_by_label("Name of the provider in litellm").fill("martian")
    page.get_by_label("Name *").fill("Mars")
    page.get_by_label("API key").fill("${MARS_KEY}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("did you mean maritalk?")
    expect(page.get_by_role("alert")).to_contain_text("tick the box below its name")
    page.get_by_label("Take it even if litellm does not know it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast.warn")).to_contain_text("MARS_KEY is not set at present")
    expect(page.get_by_role("heading", name="Mars")).to_be_visible()
    assert saved(served.project)["providers"][0]["type"] == "martian"


def test_several_keys_with_weights(served: Served, open_page: Open, openai_server: Server) -> None:
    page = open_page(served.server, "/providers")
    begin(page, "custom", openai_server.base)
    page.get_by_label("Name *").fill("Pool")
    page.get_by_text("Several keys").click()
    for number, label in enumerate(("team", "own")):
        page.get_by_role("button", name="Add key").click()
        row = page.locator(".key-row").nth(number)
        row.get_by_label("Key", exact=True).fill("${LOOP_KEY}" if number else "${UNSET_KEY}")
        row.get_by_label("Label").fill(label)
        row.get_by_label("Weight").fill(str(number - 1))
    page.get_by_role("button", name="Save", exact=True).click()
    weight = page.locator(".key-row").first.get_by_label("Weight")
    expect(page.get_by_text("At least 0")).to_be_visible()
    expect(weight).to_be_focused()
    for number in range(2):
        page.locator(".key-row").nth(number).get_by_label("Weight").fill(str(number + 1))
    page.get_by_label("Routing").select_option("least-busy")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 of 2 keys set")).to_be_visible()
    provider = saved(served.project)["providers"][0]
    assert provider["routingStrategy"] == "least-busy"
    assert provider["apiKeys"] == [
        {"id": "key-1", "key": "${UNSET_KEY}", "label": "team", "weight": 1, "enabled": True},
        {"id": "key-2", "key": "${LOOP_KEY}", "label": "own", "weight": 2, "enabled": True},
    ]


def test_the_keyboard_is_enough(served: Served, open_page: Open, openai_server: Server) -> None:
    page = open_page(served.server, "/providers")
    page.get_by_role("button", name="Add provider").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name *")).to_be_focused()
    page.keyboard.type(" by hand")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type(openai_server.base)
    page.keyboard.press("Enter")  # saves and tests, as the highlighted button does
    expect(page.get_by_role("combobox", name="Model")).to_be_focused()
    page.keyboard.type("gpt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Endpoint ID")).to_have_value("gpt-4o")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="gpt-4o")).to_be_visible()
    assert saved(served.project)["endpoints"][0]["model"] == "gpt-4o"
    page.get_by_role("button", name="Delete LiteLLM by hand").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete LiteLLM by hand")).to_be_focused()
    assert saved(served.project)["providers"]
