using System.Collections.Concurrent;
using MassTransit.Configuration;
using MassTransit.Transports;
using MassTransit.Util;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Configuration of the host, and what its endpoints share: connection, subscriptions, definitions of queues.</summary>
sealed class AmazonSqsHostConfiguration : BaseHostConfiguration<AmazonSqsReceiveEndpointConfiguration, IAmazonSqsReceiveEndpointConfigurator>
{
    readonly AmazonSqsBusConfiguration _bus;
    readonly ConcurrentDictionary<string, QueueDefinition> _definitions = new(StringComparer.Ordinal);
    readonly Recycle<SqsConnection> _connection;

    public AmazonSqsHostConfiguration(AmazonSqsBusConfiguration bus, AmazonSqsTopologyConfiguration topology)
        : base(bus)
    {
        _bus = bus;
        Subscriptions = topology.Subscriptions;
        Topology = new AmazonSqsBusTopology(this, topology);
        _connection = new Recycle<SqsConnection>(() => new SqsConnection(Settings, _definitions.Values));
        ReceiveTransportRetryPolicy = Retry.CreatePolicy(x =>
        {
            x.Handle<ConnectionException>();
            x.Exponential(1000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3));
        });
    }

    public AmazonSqsHostSettings Settings { get; private set; } = new(new AmazonSqsHostAddress("localhost", scope: null));

    public bool IsConfigured { get; private set; }

    public SqsConnection Connection => _connection.Supervisor;

    public SubscriptionTable Subscriptions { get; }

    public override Uri HostAddress => Settings.Address.ToUri();

    public override IBusTopology Topology { get; }

    public override IRetryPolicy ReceiveTransportRetryPolicy { get; }

    public void Configure(AmazonSqsHostSettings settings)
    {
        if (GetConfiguredEndpoints().Any())
            throw new ConfigurationException("Call Host before ReceiveEndpoint: the host's region and scope are part of an endpoint's address");
        Settings = settings;
        IsConfigured = true;
    }

    /// <summary>Makes the definition known to senders too, who may find the queue missing first.</summary>
    public void Define(QueueDefinition definition)
    {
        _definitions[definition.Name] = definition;
        Connection.Queues.Define(definition);
    }

    public void ApplyDefinition(IAmazonSqsReceiveEndpointConfigurator configurator, IEndpointDefinition definition)
    {
        if (definition.IsTemporary)
            configurator.AutoDelete = true;
        ApplyEndpointDefinition(configurator, definition);
    }

    /// <summary>The queue's name; one by which it is found after a crash where MassTransit would make one up.</summary>
    public static string NameOf(IEndpointDefinition definition, IEndpointNameFormatter? formatter) => definition is TemporaryEndpointDefinition
        ? TemporaryQueues.NewName("endpoint")
        : definition.GetEndpointName(formatter ?? DefaultEndpointNameFormatter.Instance);

    public AmazonSqsReceiveEndpointConfiguration CreateEndpoint(string queueName, AmazonSqsEndpointConfiguration? endpoint,
        Action<IAmazonSqsReceiveEndpointConfigurator>? configure)
    {
        AmazonSqsReceiveEndpointConfiguration configuration = new(this, queueName, endpoint ?? _bus.CreateEndpointConfiguration());
        configure?.Invoke(configuration);
        Observers.EndpointConfigured(configuration);
        Add(configuration);
        return configuration;
    }

    public override IReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName, Action<IReceiveEndpointConfigurator>? configure) =>
        CreateEndpoint(queueName, endpoint: null, configure);

    public override void ReceiveEndpoint(IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter,
        Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ReceiveEndpoint(NameOf(definition, endpointNameFormatter), configurator =>
        {
            ApplyDefinition(configurator, definition);
            configureEndpoint?.Invoke(configurator);
        });

    public override void ReceiveEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator> configureEndpoint) =>
        CreateEndpoint(queueName, endpoint: null, configureEndpoint);

    public override IHost Build()
    {
        AmazonSqsHost host = new(this);
        foreach (var endpoint in GetConfiguredEndpoints())
            endpoint.Build(host);
        foreach (var messageUrn in Subscriptions.TakeUnrouted())
            MassTransit.LogContext.Warning?.Log("No queue subscribes to {MessageType}, which is published here", messageUrn);
        return host;
    }
}
