"""Ask any language model about exactly the files you name.

The public names are imported on first use, so that `import ccw` costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # known to type checkers; importing it from typing would cost 2 ms

if TYPE_CHECKING:
    from ccw import context_cache as context_cache
    from ccw import litellm_adapter as litellm_adapter
    from ccw.config.manager import add_endpoint as add_endpoint
    from ccw.config.manager import add_provider as add_provider
    from ccw.config.manager import delete_endpoint as delete_endpoint
    from ccw.config.manager import delete_provider as delete_provider
    from ccw.config.manager import find_endpoint_by_id as find_endpoint_by_id
    from ccw.config.manager import get_all_endpoints as get_all_endpoints
    from ccw.config.manager import get_all_providers as get_all_providers
    from ccw.config.manager import get_default_endpoint as get_default_endpoint
    from ccw.config.manager import get_endpoint as get_endpoint
    from ccw.config.manager import get_global_cache_settings as get_global_cache_settings
    from ccw.config.manager import get_provider as get_provider
    from ccw.config.manager import (
        get_provider_with_resolved_env_vars as get_provider_with_resolved_env_vars,
    )
    from ccw.config.manager import load_config as load_config
    from ccw.config.manager import resolve_env_var as resolve_env_var
    from ccw.config.manager import set_default_endpoint as set_default_endpoint
    from ccw.config.manager import update_endpoint as update_endpoint
    from ccw.config.manager import update_global_cache_settings as update_global_cache_settings
    from ccw.config.manager import update_provider as update_provider
    from ccw.config.models import CacheStrategy as CacheStrategy
    from ccw.config.models import CustomEndpoint as CustomEndpoint
    from ccw.config.models import GlobalCacheSettings as GlobalCacheSettings
    from ccw.config.models import LiteLLMApiConfig as LiteLLMApiConfig
    from ccw.config.models import ProviderCredential as ProviderCredential
    from ccw.context.patterns import extract_patterns as extract_patterns
    from ccw.errors import CcwError as CcwError
    from ccw.executor import LiteLLMExecutionOptions as LiteLLMExecutionOptions
    from ccw.executor import LiteLLMExecutionResult as LiteLLMExecutionResult
    from ccw.executor import aexecute_litellm_endpoint as aexecute_litellm_endpoint
    from ccw.executor import execute_litellm_endpoint as execute_litellm_endpoint
    from ccw.gateways.litellm import fetch_litellm_models as fetch_litellm_models
    from ccw.gateways.litellm import get_litellm_config as get_litellm_config
    from ccw.gateways.litellm import set_litellm_config as set_litellm_config
    from ccw.gateways.litellm import test_litellm_connection as test_litellm_connection
    from ccw.gateways.models import all_models as all_models
    from ccw.gateways.models import list_models as list_models
    from ccw.gateways.testing import check_connection as check_connection
    from ccw.gateways.testing import check_provider as check_provider

__version__ = "0.1.0"

_NAMES = {
    "ccw.config.manager": (
        "add_endpoint add_provider delete_endpoint delete_provider find_endpoint_by_id "
        "get_all_endpoints get_all_providers get_default_endpoint get_endpoint "
        "get_global_cache_settings get_provider get_provider_with_resolved_env_vars load_config "
        "resolve_env_var set_default_endpoint update_endpoint update_global_cache_settings "
        "update_provider"
    ),
    "ccw.config.models": (
        "CacheStrategy CustomEndpoint GlobalCacheSettings LiteLLMApiConfig ProviderCredential"
    ),
    "ccw.context.patterns": "extract_patterns",
    "ccw.errors": "CcwError",
    "ccw.executor": (
        "LiteLLMExecutionOptions LiteLLMExecutionResult aexecute_litellm_endpoint "
        "execute_litellm_endpoint"
    ),
    "ccw.gateways.litellm": (
        "fetch_litellm_models get_litellm_config set_litellm_config test_litellm_connection"
    ),
    "ccw.gateways.models": "all_models list_models",
    "ccw.gateways.testing": "check_connection check_provider",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}
_ALIASES = {  # modules under a public name
    "context_cache": "ccw.context_cache",
    "litellm_adapter": "ccw.litellm_adapter",
}

__all__ = ["__version__", *_MODULES, *_ALIASES]


def __getattr__(name: str) -> object:
    import importlib

    if name in _ALIASES:
        return importlib.import_module(_ALIASES[name])
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES, *_ALIASES])
