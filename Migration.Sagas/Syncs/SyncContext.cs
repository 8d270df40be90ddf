using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Migration.Sagas.Persistence;
using Migration.Sagas.Syncs.Lanes;

namespace Migration.Sagas.Syncs;

/// <summary>What the behaviours take from the message's scope: the DbContext there is the one that loaded the saga and holds its transaction.</summary>
static class SyncContext
{
    public static MigrationDbContext Database(this BehaviorContext<Sync> context) => context.Service<MigrationDbContext>();

    public static SagaLanes Lanes(this BehaviorContext<Sync> context) => new(context.Database());

    public static SyncOptions Options(this BehaviorContext<Sync> context) => context.Service<IOptions<SyncOptions>>().Value;

    public static TService Service<TService>(this PipeContext context) where TService : notnull =>
        context.GetPayload<IServiceProvider>().GetRequiredService<TService>();
}
