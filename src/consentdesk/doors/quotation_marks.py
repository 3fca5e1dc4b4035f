"""Following the quotation marks of a record that is too long to be kept, piece by piece."""

from __future__ import annotations

import re

_INSIDE = re.compile(r'[^"]*+(?:""[^"]*+)*+')
"""What may stand inside quotation marks: anything, with quotation marks doubled."""


class Quotes:
    """Whether a place in a text lies inside quotation marks, by the csv module's own rules.

    ``are_broken`` says that a cell which runs over several lines is closed in the middle of another one.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._is_at_start = True
        self._is_just_closed = False
        self._runs_over = False
        self.are_open = False
        self.are_broken = False

    def walk(self, text: str) -> None:
        """Go on over ``text``: a line, or a piece of one."""
        place = 0
        while place < len(text):
            if self.are_open:
                place = _INSIDE.match(text, place).end()  # type: ignore[union-attr] # it always matches
                if place == len(text):
                    self._runs_over = self._runs_over or ends_line(text)
                    return
                self.are_open, self._is_just_closed = False, True
                place += 1
            elif text[place] == '"' and (self._is_at_start or self._is_just_closed):
                self._runs_over = self._runs_over and self._is_just_closed
                self.are_open, self._is_at_start, self._is_just_closed = True, False, False
                place += 1
            else:
                if self._is_just_closed and self._runs_over and text[place] not in f"{self._delimiter}\r\n":
                    self.are_broken = True
                self._is_just_closed = False
                place = text.find(self._delimiter, place) + 1
                self._is_at_start = place > 0
                if place == 0:
                    break
        if not self.are_open and ends_line(text):
            self._is_at_start, self._is_just_closed = True, False


def ends_line(text: str) -> bool:
    """Whether a piece of a text reaches the end of its line."""
    return text.endswith(("\n", "\r"))
