using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace Migration.Sagas.Syncs.Intake;

/// <summary>
/// Hands every body of an events queue to the consumer as text. What is not JSON, or not the JSON that is expected, is for the
/// intake to judge: a body that fails here could only come back until SQS gives it up, without a word why.
/// </summary>
sealed class EventBodyDeserializer : ISerializerFactory, IMessageDeserializer
{
    readonly SystemTextJsonRawMessageSerializer _json = new(RawSerializerOptions.AnyMessageType);

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => _json;

    public IMessageDeserializer CreateDeserializer() => this;

    public ConsumeContext Deserialize(ReceiveContext receiveContext) => new BodyConsumeContext(receiveContext,
        Wrap(receiveContext.TryGetPayload<AmazonSqsMessageContext>(out var sqs) ? sqs.TransportMessage.Body ?? "" : receiveContext.Body.GetString(), receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) => Wrap(body.GetString(), headers, destinationAddress);

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("events");

    SerializerContext Wrap(string text, Headers headers, Uri? destinationAddress) =>
        _json.Deserialize(new StringMessageBody(JsonSerializer.Serialize(new EventMessage(text))), headers, destinationAddress);
}
