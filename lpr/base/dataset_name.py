"""The name of a Kaggle dataset in the address of its page."""

from __future__ import annotations

import re

_PAGE = re.compile(
    r"^(?:https?://)?(?:www\.)?kaggle\.com/(?:datasets/)?([^?#]*?)(?:/(?:data|code|discussion|settings))?/?(?:[?#].*)?$"
)


def without_page(text: str) -> str:
    """Return what the address of a dataset's page names, any other text as it is, without spaces around it.

    >>> without_page("https://www.kaggle.com/datasets/me/plates/data?select=a.csv"), without_page("me/plates/3")
    ('me/plates', 'me/plates/3')
    """
    text = text.strip()
    page = _PAGE.match(text)
    return page[1] if page else text
