from tests.harness.platform_fixtures import (  # noqa: F401 - fixtures of this folder
    make_platform,
    no_call_inside_a_transaction,
    platform,
)
