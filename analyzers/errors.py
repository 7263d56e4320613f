"""Errors of this package; messages are written for the person who runs an analyzer."""


class AnalyzerError(Exception):
    """An analyzer, its models or what it was given cannot be used as asked."""


class UnknownAnalyzer(AnalyzerError):
    """No analyzer of that name is installed here."""


class MalformedRegion(AnalyzerError):
    """A text is no region, or not in the one form in which regions are written."""


class UnsuitableParameters(AnalyzerError):
    """Parameters are not as the analyzer's schema wants them."""


class UnsuitableModel(AnalyzerError):
    """A model is missing, or its bytes are not those that its digest names."""


class UnsuitableCode(AnalyzerError):
    """Bytes are no code bundle, or not one from which an analyzer can be taken."""


class UnsuitableBundle(AnalyzerError):
    """A bundle is malformed, or lacks what its manifest names."""


class BadOutput(AnalyzerError):
    """What an analyzer returned must not be published: not finite, outside the picture, or undeclared."""


class DamagedIndex(AnalyzerError):
    """An index of vectors, or its list of members, is not what it says it is."""


class UnreadablePicture(AnalyzerError):
    """A picture cannot be decoded; that is said of the picture, and is the same on every node.

    Args:
        fault: Why.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(f"the picture cannot be read: {fault}")
        self.fault = fault
