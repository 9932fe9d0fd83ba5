"""The configuration: `load` reads it whole, or says everything that is wrong with it."""

from calsync.config.build import Config, TenantConfig, load

__all__ = ["Config", "TenantConfig", "load"]
