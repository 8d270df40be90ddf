namespace MassTransit.EntityFrameworkCoreIntegration.Saga;

/// <summary>Another message has inserted the same new saga first; the message must be begun again and will then find the row.</summary>
public sealed class SagaInsertRaceException : MassTransitException
{
    /// <summary>For serializers.</summary>
    public SagaInsertRaceException()
    {
    }

    /// <summary>With a message.</summary>
    public SagaInsertRaceException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public SagaInsertRaceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
