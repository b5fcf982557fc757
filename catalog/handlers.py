"""SESAM2's reports about articles: unpack, then one action."""

from catalog import local_values, sesam2
from integration import contract
from integration.registry import handles


@handles("ArticleUpdate")
def article_update(body: contract.ArticleUpdate, *, subject: str, sequence: int) -> None:
    local_values.record_values(sesam2.told_values(body), sequence=sequence)
