namespace MassTransit;

/// <summary>Configures how the queue of a receive endpoint is read.</summary>
public interface IAmazonSqsQueueEndpointConfigurator : IAmazonSqsQueueConfigurator
{
    /// <summary>
    /// Seconds that one long poll may wait for messages, 0 to 20. Default 3. A stop lets running polls end by themselves, because SQS may
    /// hand messages to a cut connection: the host's shutdown time-out has to be longer than this.
    /// </summary>
    ushort WaitTimeSeconds { set; }

    /// <summary>Removes all messages of the queue when the endpoint starts. Default false.</summary>
    bool PurgeOnStartup { set; }
}
