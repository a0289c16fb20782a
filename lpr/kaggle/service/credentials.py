"""Signing in to Kaggle with the client's own ways, and with a notebook's secrets."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.kaggle.service.errors import KaggleError, translate
from lpr.kaggle.service.retry import RetryPolicy

_SECRETS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY")


def sign_in(policy: RetryPolicy) -> tuple[Any, str | None]:
    """Import the client and authenticate it.

    Returns:
        The client's `KaggleApi`, and the account's name, or None when there are no credentials, which suffices for
        public data.

    Raises:
        LprError: the client is not installed, or cannot be imported.
        KaggleError: the service refuses the credentials, or cannot be asked.
    """
    _take_notebook_secrets()
    first = "kaggle" not in sys.modules
    # The client prints help and warnings to standard output on import; a command's output is not the place.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), _not_verbose():
        try:
            # Importing it makes the configuration folder; a home that is read-only is no reason to fail.
            module = importlib.import_module("kaggle.api.kaggle_api_extended")
            package = importlib.import_module("kaggle")
        except ImportError as error:
            raise LprError(
                f"the kaggle client cannot be imported ({error}): pip install -r requirements.txt"
            ) from error
        except OSError as error:
            raise LprError(f"the kaggle client cannot use its folder ({error}): set KAGGLE_CONFIG_DIR") from error
    api = package.api if first else module.KaggleApi()
    api.args = [argument for argument in api.args if argument not in ("--verbose", "-v")]
    if not _signed_in(api):
        # The import swallows failures of the network; asked again, they are told from missing credentials.
        policy.retry(lambda: _authenticate(api))
    return api, api.config_values.get("username") if _signed_in(api) else None


def token_is_set() -> bool:
    """Whether an access token is set; Kaggle has refused it then, where nobody is signed in."""
    return bool(os.environ.get("KAGGLE_API_TOKEN") or os.environ.get("KAGGLE_API_V1_TOKEN"))


@contextlib.contextmanager
def _not_verbose() -> Iterator[None]:
    """Keep from the client the variables that make it print its requests, credentials and signed addresses included."""
    taken = {name: os.environ.pop(name) for name in ("VERBOSE", "VERBOSE_OUTPUT") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


def _signed_in(api: Any) -> bool:
    return bool(api.config_values.get("auth_method"))


def _authenticate(api: Any) -> None:
    import requests

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            api.authenticate()
        except SystemExit:
            return
        except (requests.exceptions.RequestException, OSError, KaggleError) as error:
            raise translate(error, "signing in to Kaggle") from None


def _take_notebook_secrets() -> None:
    """In a Kaggle notebook without credentials, bring the secrets of the usual names into this process."""
    given = os.environ.get("KAGGLE_API_TOKEN") or os.environ.get("KAGGLE_KEY")
    if given or not os.environ.get("KAGGLE_KERNEL_RUN_TYPE"):
        return
    token = os.environ.get("KAGGLE_API_V1_TOKEN")
    if token and Path(token).is_file():
        return
    try:
        # In the notebook's image only.
        client: Any = importlib.import_module("kaggle_secrets").UserSecretsClient()
    except ImportError:
        return
    for name in _SECRETS:
        # Each missing secret raises an error of the module's own.
        with contextlib.suppress(Exception):
            if value := client.get_secret(name):
                os.environ[name] = value
