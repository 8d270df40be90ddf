namespace Migration.Local;

/// <summary>Something of the local run does not work; the message says what to do.</summary>
sealed class LocalRunException(string message) : Exception(message);
