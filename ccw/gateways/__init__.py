"""Where config and llm meet without a prompt: which providers, which models, do they answer."""
