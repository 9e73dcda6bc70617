"""The service: suggestions, flags and the second-look queue over HTTP."""
