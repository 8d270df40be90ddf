using MassTransit;

namespace Migration.Tests.Transport;

public interface INamed
{
    string Name { get; }
}

public sealed record Ping(int Number) : CorrelatedBy<Guid>
{
    public Guid CorrelationId { get; init; } = Guid.NewGuid();
}

public sealed record Named(string Name) : INamed;

public sealed record Question(int Number);

public sealed record Answer(int Number);
