using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Migration.Tests.Transport;

/// <summary>Keeps what was logged as a warning or worse.</summary>
public sealed class RecordedLog : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> _warnings = new();

    public IReadOnlyList<string> Warnings => [.. _warnings];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Warning)
            _warnings.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
        // nothing is held
    }
}
