using MassTransit.Agents;
using MassTransit.Middleware;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Each endpoint has its own, because a receive transport stops the one that it is given. The connection behind them is shared.</summary>
sealed class SqsClientSupervisor(Func<SqsConnection> connection) : TransportPipeContextSupervisor<SqsClientContext>(new Factory(connection))
{
    sealed class Factory(Func<SqsConnection> connection) : IPipeContextFactory<SqsClientContext>
    {
        public IPipeContextAgent<SqsClientContext> CreateContext(ISupervisor supervisor) =>
            supervisor.AddContext(Task.FromResult<SqsClientContext>(new OwnedClientContext(connection(), supervisor.Stopped)));

        public IActivePipeContextAgent<SqsClientContext> CreateActiveContext(ISupervisor supervisor, PipeContextHandle<SqsClientContext> context,
            CancellationToken cancellationToken = default) => supervisor.AddActiveContext(context, Share(context.Context, cancellationToken));

        static async Task<SqsClientContext> Share(Task<SqsClientContext> context, CancellationToken cancellationToken) =>
            new SharedClientContext(await context.ConfigureAwait(false), cancellationToken);
    }
}
