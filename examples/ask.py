"""Ask a configured endpoint about some files, and show what came of it."""

import sys

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint

endpoint, prompt = sys.argv[1], sys.argv[2]
result = execute_litellm_endpoint(
    LiteLLMExecutionOptions(prompt=prompt, endpoint_id=endpoint, base_dir=".")
)
if not result.success:
    sys.exit(f"{result.error_type}: {result.error}")
print(result.output)
print("files:", ", ".join(result.cached_files), "(again)" if result.cache_hit else "(new)")
