using System.Globalization;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Transports;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Configuration of one receive endpoint.</summary>
sealed class AmazonSqsReceiveEndpointConfiguration : ReceiveEndpointConfiguration, IAmazonSqsReceiveEndpointConfigurator
{
    readonly AmazonSqsHostConfiguration _host;
    readonly AmazonSqsEndpointAddress _address;
    readonly SqsReceiveSettings _settings;

    public AmazonSqsReceiveEndpointConfiguration(AmazonSqsHostConfiguration host, string queueName, AmazonSqsEndpointConfiguration endpoint)
        : base(host, endpoint)
    {
        _host = host;
        _address = AddressOf(queueName);
        _settings = new SqsReceiveSettings { QueueName = _address.EntityName };
    }

    public override Uri HostAddress => _host.HostAddress;

    public override Uri InputAddress => new AmazonSqsEndpointAddress(HostAddress, _address.Name, isTemporary: _settings.IsTemporary).ToUri();

    /// <summary>The name without scope, as subscriptions use it.</summary>
    public string QueueName => _address.Name;

    public IDictionary<string, object> QueueAttributes { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public IDictionary<string, string> QueueTags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Durable
    {
        set => _settings.IsTemporary = !value;
    }

    public bool AutoDelete
    {
        set => _settings.IsTemporary = value;
    }

    public ushort WaitTimeSeconds
    {
        set => _settings.WaitTimeSeconds = value;
    }

    public bool PurgeOnStartup
    {
        set => _settings.PurgeOnStartup = value;
    }

    public int RedeliverVisibilityTimeout
    {
        set => _settings.RedeliverVisibility = TimeSpan.FromSeconds(value);
    }

    public TimeSpan MaxVisibilityTimeout
    {
        set => _settings.MaxVisibility = value < SqsReceiveSettings.LongestVisibility ? value : SqsReceiveSettings.LongestVisibility;
    }

    public int MaxVisibilityTimeoutRenewal
    {
        set => _settings.Renewal = TimeSpan.FromSeconds(value);
    }

    public TimeSpan ReceiveLinger
    {
        set => _settings.ReceiveLinger = value;
    }

    public void UseNativeDeadLetterQueue(int maxReceiveCount, IReadOnlyList<TimeSpan>? backOff = null, string? deadLetterQueueName = null)
    {
        var deadLetterQueue = AddressOf(deadLetterQueueName ?? QueueDefinition.DeadLetterNameOf(_address.Name));
        _settings.DeadLetters = new NativeDeadLetters(deadLetterQueue.EntityName, maxReceiveCount, backOff ?? []);
        this.RethrowFaultedMessages();
        this.ThrowOnSkippedMessages();
    }

    public void BackOffFor<T>(params TimeSpan[] backOff)
        where T : class => _settings.BackOffByType[MessageUrn.ForTypeString<T>()] = backOff;

    public void Subscribe<T>()
        where T : class => _host.Subscriptions.Add(MessageUrn.ForTypeString<T>(), QueueName);

    public void PollWhile(Func<bool> isOpen)
    {
        ArgumentNullException.ThrowIfNull(isOpen);
        _settings.IsOpen = isOpen;
    }

    public override IEnumerable<ValidationResult> Validate() => base.Validate().Concat(ValidateSettings());

    public override ReceiveEndpointContext CreateReceiveEndpointContext() => CreateContext();

    public void Build(IHost host)
    {
        _host.Define(CreateDefinition());
        if (_settings.DeadLetters is { } deadLetters)
            _host.Define(QueueDefinition.ForDeadLetters(deadLetters.QueueName, Tags()));

        var context = CreateContext();
        context.ConnectReceiveObserver(new ReceiveTelemetry(_settings.QueueName));
        if (_settings.BackOffByType.Count > 0)
            context.ConnectReceiveObserver(new BackOffByType(_settings.BackOffByType));
        PipeConfigurator<SqsClientContext> pipe = new();
        pipe.UseFilter(new ReceiveEndpointDependencyFilter<SqsClientContext>(context));
        pipe.UseFilter(new SqsConsumerFilter(context, _settings));
        ReceiveTransport<SqsClientContext> transport = new(_host, context, () => context.Supervisor, pipe.Build());
        ReceiveEndpoint endpoint = new(transport, context);
        host.AddReceiveEndpoint(_address.Name, endpoint);
        ReceiveEndpoint = endpoint;
    }

    AmazonSqsReceiveEndpointContext CreateContext()
    {
        ApplySpecifications(new SubscribingEndpointBuilder(this, _host.Subscriptions));

        AmazonSqsReceiveEndpointContext context = new(_host, this);
        IDeadLetterTransport skipped = _settings.IsTemporary
            ? new DiscardTransport(_settings.QueueName)
            : new SqsDeadLetterTransport(_host, Topology.Send.DeadLetterQueueNameFormatter.FormatDeadLetterQueueName(_settings.QueueName));
        IErrorTransport error = _settings.IsTemporary
            ? new DiscardTransport(_settings.QueueName)
            : new SqsErrorTransport(_host, Topology.Send.ErrorQueueNameFormatter.FormatErrorQueueName(_settings.QueueName));
        context.GetOrAddPayload(() => skipped);
        context.GetOrAddPayload(() => error);
        context.GetOrAddPayload(() => _host.Topology);
        return context;
    }

    QueueDefinition CreateDefinition() => new(_settings.QueueName)
    {
        Attributes = QueueAttributes.ToDictionary(x => x.Key, x => TextOf(x.Value), StringComparer.Ordinal),
        Tags = Tags(),
        IsTemporary = _settings.IsTemporary,
        DeadLetterQueue = _settings.DeadLetters?.QueueName,
        MaxReceiveCount = _settings.DeadLetters?.MaxReceiveCount ?? 0
    };

    Dictionary<string, string> Tags() => new(QueueTags, StringComparer.Ordinal);

    /// <summary>SQS writes its booleans in lower case.</summary>
    static string TextOf(object value) => value is bool truth ? (truth ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    IEnumerable<ValidationResult> ValidateSettings()
    {
        if (_settings.WaitTimeSeconds > 20)
            yield return this.Failure(nameof(WaitTimeSeconds), "must be 0 to 20");
        if (_settings.RedeliverVisibility < TimeSpan.Zero || _settings.RedeliverVisibility > SqsReceiveSettings.LongestVisibility)
            yield return this.Failure(nameof(RedeliverVisibilityTimeout), "must be 0 to 43200");
        if (_settings.MaxVisibility < TimeSpan.FromSeconds(1))
            yield return this.Failure(nameof(MaxVisibilityTimeout), "must be a second or more");
        if (_settings.Renewal is { } renewal && (renewal < TimeSpan.FromSeconds(1) || renewal > SqsReceiveSettings.LongestVisibility))
            yield return this.Failure(nameof(MaxVisibilityTimeoutRenewal), "must be 1 to 43200");
        if (_settings.DeadLetters is { MaxReceiveCount: < 1 or > 1000 })
            yield return this.Failure("maxReceiveCount", "must be 1 to 1000");
        if (_settings.BackOffByType.Values.Append(_settings.DeadLetters?.BackOff ?? []).SelectMany(x => x).Any(x => x < TimeSpan.Zero || x > SqsReceiveSettings.LongestVisibility))
            yield return this.Failure("backOff", "must have values of 0 to 12 hours");
        if (_settings.BackOffByType.Values.Any(x => x.Count == 0))
            yield return this.Failure(nameof(BackOffFor), "must be given a value or more");
        if (_settings is { DeadLetters: null, BackOffByType.Count: > 0 })
            yield return this.Failure(nameof(BackOffFor), "must go with UseNativeDeadLetterQueue");
        if (_settings.DeadLetters?.QueueName == _settings.QueueName)
            yield return this.Failure("deadLetterQueueName", "must not be the name of the queue itself");
        if (_settings is { IsTemporary: true, DeadLetters: not null })
            yield return this.Failure(nameof(UseNativeDeadLetterQueue), "must not be used for a temporary queue, whose dead-letter queue nobody would find");
        if (_settings.QueueName.Length > 80)
            yield return this.Failure("queueName", "must not be longer than 80 characters, scope included");
    }

    AmazonSqsEndpointAddress AddressOf(string queueName)
    {
        try
        {
            return new AmazonSqsEndpointAddress(_host.HostAddress, queueName);
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException(exception.Message, exception);
        }
    }
}
