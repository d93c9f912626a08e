"""A proxy's `config.yaml` as a guide shows it."""

GUIDE = """\
model_list:
  # OpenAI Models
  - model_name: gpt-4
    litellm_params:
      model: openai/gpt-4
      api_key: os.environ/OPENAI_API_KEY

  - model_name: gpt-3.5-turbo
    litellm_params:
      model: openai/gpt-3.5-turbo
      api_key: os.environ/OPENAI_API_KEY

  # Anthropic Models
  - model_name: claude-3-5-sonnet-20241022
    litellm_params:
      model: anthropic/claude-3-5-sonnet-20241022
      api_key: os.environ/ANTHROPIC_API_KEY

  # Google Models
  - model_name: gemini-pro
    litellm_params:
      model: gemini/gemini-pro
      api_key: os.environ/GOOGLE_API_KEY

  # Meta Models (via Replicate)
  - model_name: llama-2-70b
    litellm_params:
      model: replicate/meta/llama-2-70b-chat
      api_key: os.environ/REPLICATE_API_KEY

  # Mistral Models
  - model_name: mistral-medium
    litellm_params:
      model: mistral/mistral-medium
      api_key: os.environ/MISTRAL_API_KEY

# Optional: Enable model fallbacks
litellm_settings:
  fallbacks: true
  num_retries: 2
"""
