"""The model's side: the call, its messages, its tokens and money, the embedded model."""
