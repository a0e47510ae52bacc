"""What goes wrong."""

from __future__ import annotations


class StudyError(ValueError):
    """A study, or a lot or rulebook that it names, cannot be used.

    Attributes:
        file: the file in which it stands.
        line: its line there, from 1; ``None`` where it is not known.
        field: the field of the study, as a dotted path; empty where the text is no study at all.
        rule: the kind of rule that is broken: ``"syntax"``, ``"value"``, or the code that ``landgavel check`` gives it.
        text: what is wrong, and what was expected.
    """

    def __init__(self, file: str, line: int | None, field: str, rule: str, text: str) -> None:
        self.file, self.line, self.field, self.rule, self.text = file, line, field, rule, text
        place = file if line is None else f"{file}:{line}"
        super().__init__(": ".join(part for part in (place, field, text) if part))

    def __reduce__(self):
        return StudyError, (self.file, self.line, self.field, self.rule, self.text)


class NotMeasured(ValueError):
    """How near play is to an equilibrium is not known; so no play is given out as one."""
