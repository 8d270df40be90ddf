using MassTransit.Configuration;
using MassTransit.Transports;
using MassTransit.Util;

namespace MassTransit.AmazonSqsTransport;

/// <summary>What a running endpoint needs.</summary>
sealed class AmazonSqsReceiveEndpointContext : BaseReceiveEndpointContext
{
    readonly AmazonSqsHostConfiguration _host;
    readonly Recycle<SqsClientSupervisor> _supervisor;

    public AmazonSqsReceiveEndpointContext(AmazonSqsHostConfiguration host, IReceiveEndpointConfiguration configuration)
        : base(host, configuration)
    {
        _host = host;
        _supervisor = new Recycle<SqsClientSupervisor>(() => new SqsClientSupervisor(() => host.Connection));
    }

    public SqsClientSupervisor Supervisor => _supervisor.Supervisor;

    public override void AddSendAgent(IAgent agent) => _supervisor.Supervisor.AddSendAgent(agent);

    public override void AddConsumeAgent(IAgent agent) => _supervisor.Supervisor.AddConsumeAgent(agent);

    public override Exception ConvertException(Exception exception, string message) => new ConnectionException(message + _host.HostAddress, exception);

    protected override ISendTransportProvider CreateSendTransportProvider() => new SqsTransportProvider(_host, this);

    protected override IPublishTransportProvider CreatePublishTransportProvider() => new SqsTransportProvider(_host, this);
}
