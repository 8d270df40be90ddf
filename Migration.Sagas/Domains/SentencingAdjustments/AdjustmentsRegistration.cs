using Microsoft.Extensions.DependencyInjection;

namespace Migration.Sagas.Domains.SentencingAdjustments;

public static class AdjustmentsRegistration
{
    public static IServiceCollection AddSentencingAdjustments(this IServiceCollection services) => services
        .AddSingleton<AdjustmentCalls>()
        .AddSingleton<AdjustmentEntity>()
        .AddSingleton<AdjustmentSyncEntity>()
        .AddSingleton<BookingAdjustments>()
        .AddSingleton<PrisonerAdjustments>()
        .AddSingleton<IMigrationDomain, AdjustmentsDomain>()
        .AddSingleton<ISyncDomain, AdjustmentsSync>();
}
