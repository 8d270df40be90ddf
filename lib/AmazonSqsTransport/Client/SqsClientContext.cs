using MassTransit.Middleware;

namespace MassTransit.AmazonSqsTransport;

/// <summary>The context that MassTransit's transport pipes carry; all it has is the connection.</summary>
interface SqsClientContext : PipeContext
{
    SqsConnection Connection { get; }
}

/// <summary>The context of one send, or of one run of an endpoint.</summary>
sealed class OwnedClientContext(SqsConnection connection, CancellationToken cancellationToken) : BasePipeContext(cancellationToken), SqsClientContext
{
    public SqsConnection Connection { get; } = connection;
}

/// <summary>One use of an endpoint's context.</summary>
sealed class SharedClientContext(SqsClientContext context, CancellationToken cancellationToken) : ProxyPipeContext(context), SqsClientContext
{
    public override CancellationToken CancellationToken { get; } = cancellationToken;

    public SqsConnection Connection { get; } = context.Connection;
}
