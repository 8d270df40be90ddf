using MassTransit;

namespace Migration.Sagas.Runs.Steps;

/// <summary>How a step ends when its attempt failed and the failure is on record in the row.</summary>
static class AttemptFailures
{
    /// <summary>The message comes back by the queue's back-off.</summary>
    /// <exception cref="RecordAttemptFailedException">The transport cannot return a message without one.</exception>
    public static void Return(this ConsumeContext context, string why)
    {
        if (!context.TryReturnToQueue())
            throw new RecordAttemptFailedException(why);
    }

    /// <summary>The message comes back at once, so that SQS moves it to the dead letters, where an operator finds it.</summary>
    /// <exception cref="RecordAttemptFailedException">The transport cannot return a message without one.</exception>
    public static void ReturnForDeadLetters(this ConsumeContext context, string why)
    {
        if (!context.TryReturnToQueue(TimeSpan.Zero))
            throw new RecordAttemptFailedException(why);
    }
}

/// <summary>An attempt failed and is on record.</summary>
public sealed class RecordAttemptFailedException(string message) : Exception(message);
