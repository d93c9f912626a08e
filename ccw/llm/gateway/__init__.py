"""The HTTP talk with gateways, from plain values: who answers, which models, what a call cost."""
