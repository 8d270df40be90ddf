using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration;

/// <summary>Maps a saga to a table; see <see cref="SagaClassMap{TSaga}"/>.</summary>
public interface ISagaClassMap
{
    /// <summary>The type of the saga.</summary>
    Type SagaType { get; }

    /// <summary>Adds the saga to the model.</summary>
    void Configure(ModelBuilder model);
}
