using System.Diagnostics.CodeAnalysis;
using Amazon.SQS.Model;

namespace MassTransit.AmazonSqsTransport;

/// <summary>SQS refused one entry of a batch; the others are not concerned.</summary>
[SuppressMessage("Roslynator", "RCS1194:Implement exception constructors", Justification = "It always stands for an entry")]
public sealed class SqsEntryException : MassTransitException
{
    /// <summary>Made for the entry that was refused.</summary>
    public SqsEntryException(string queueName, BatchResultErrorEntry error)
        : base($"SQS refused the entry for queue {queueName}: {error?.Code}: {error?.Message}")
    {
        Code = error?.Code ?? "";
        IsSenderFault = error?.SenderFault ?? false;
    }

    /// <summary>SQS's error code.</summary>
    public string Code { get; }

    /// <summary>True when the entry itself is at fault, so that repeating it is of no use.</summary>
    public bool IsSenderFault { get; }
}
