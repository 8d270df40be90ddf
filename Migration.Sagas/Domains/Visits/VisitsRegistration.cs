using Microsoft.Extensions.DependencyInjection;

namespace Migration.Sagas.Domains.Visits;

public static class VisitsRegistration
{
    public static IServiceCollection AddVisits(this IServiceCollection services) => services
        .AddSingleton<VisitRooms>()
        .AddSingleton<VisitEntity>()
        .AddSingleton<VisitRoomUsage>()
        .AddSingleton<IMigrationDomain, VisitsDomain>()
        .AddSingleton<ISyncDomain, VisitsSync>();
}
