"""A refusal is a sentence for the person who asked: what is not possible, and what to do next."""


class Refused(Exception):
    """The deed is not possible now; the text is shown to the person as it is, with status 409."""

    status = 409

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TooMany(Refused):
    """A limit was reached; `retry_after` is in seconds. `first`: nobody was refused before it in
    this window, so that one refusal is noted and not each."""

    status = 429

    def __init__(
        self, sentence: str, retry_after: int, purpose: str = "", first: bool = False
    ) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.purpose = purpose
        self.first = first
