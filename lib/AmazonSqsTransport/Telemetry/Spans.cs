using System.Diagnostics;
using MassTransit.Logging;

namespace MassTransit.AmazonSqsTransport;

/// <summary>
/// Completes MassTransit's spans with what OpenTelemetry's conventions for messaging ask for: MassTransit itself writes the older
/// <c>messaging.operation</c>, and no system on the receiving side.
/// </summary>
static class Spans
{
    public static void Sending() => Complete(ActivityKind.Producer, "send");

    public static void Receiving() => Complete(ActivityKind.Consumer, "receive");

    static void Complete(ActivityKind kind, string operation)
    {
        // The current activity is the caller's own where MassTransit's source has no listener.
        if (Activity.Current is not { IsAllDataRequested: true } activity || activity.Kind != kind || activity.Source.Name != DiagnosticHeaders.DefaultListenerName)
            return;
        activity.SetTag("messaging.system", TransportMetrics.System);
        activity.SetTag("messaging.operation.name", operation);
        activity.SetTag("messaging.operation.type", operation);
    }
}
