using Amazon.SQS.Model;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>One delivery, as MassTransit's receive pipe sees it.</summary>
sealed class SqsReceiveContext : BaseReceiveContext, AmazonSqsMessageContext
{
    static readonly IReadOnlyDictionary<string, MessageAttributeValue> None = new Dictionary<string, MessageAttributeValue>(StringComparer.Ordinal);

    readonly SqsDelivery _delivery;

    public SqsReceiveContext(SqsDelivery delivery, ReceiveEndpointContext endpoint)
        : base(delivery.ReceiveCount > 1, endpoint)
    {
        _delivery = delivery;
        TransportMessage = delivery.Message;
        var headers = MessageAttributes.Read(TransportMessage);
        Body = new StringMessageBody(SnsEnvelope.Unwrap(TransportMessage.Body ?? "", headers));
        HeaderProvider = new SqsHeaderProvider(TransportMessage, headers);
    }

    public Message TransportMessage { get; }

    public IReadOnlyDictionary<string, MessageAttributeValue> Attributes => TransportMessage.MessageAttributes ?? None;

    public int ReceiveCount => _delivery.ReceiveCount;

    public int? MaxReceiveCount => _delivery.MaxReceiveCount;

    public override MessageBody Body { get; }

    protected override IHeaderProvider HeaderProvider { get; }

    public Task ThrowIfExpired() => _delivery.ValidateLockStatus();

    public void RedeliverAfter(TimeSpan delay) => _delivery.RedeliverAfter(delay);

    public void ReturnToQueue(TimeSpan? delay) => _delivery.ReturnToQueue(delay);

    public void UseBackOff(IReadOnlyList<TimeSpan> backOff) => _delivery.UseBackOff(backOff);

    /// <summary>
    /// Cancels the consumer's token. Never throws: neither a consumer's callback that fails nor work that has just ended is the concern of whoever cancels.
    /// </summary>
    public void CancelWork()
    {
        try
        {
            Cancel();
        }
        catch (ObjectDisposedException)
        {
            // the work has ended by itself
        }
        catch (AggregateException exception)
        {
            LogContext.Warning?.Log(exception, "A callback on the token of message {MessageId} failed", TransportMessage.MessageId);
        }
    }
}
