namespace MassTransit;

/// <summary>Configures the queue of a receive endpoint.</summary>
public interface IAmazonSqsQueueConfigurator
{
    /// <summary>False marks the queue as temporary: it is deleted when the endpoint stops. Default true.</summary>
    bool Durable { set; }

    /// <summary>True marks the queue as temporary: it is deleted when the endpoint stops. Default false.</summary>
    bool AutoDelete { set; }

    /// <summary>
    /// Queue attributes by their SQS names, for example <c>VisibilityTimeout</c> (seconds). They are given to a queue that is created,
    /// and set on an existing queue where its own value differs. Attributes that are not named here are left alone.
    /// </summary>
    IDictionary<string, object> QueueAttributes { get; }

    /// <summary>Tags for a queue that is created.</summary>
    IDictionary<string, string> QueueTags { get; }
}
