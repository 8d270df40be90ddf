using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Sagas.Domains.FinanceTransactions;

public static class TransactionsRegistration
{
    public static IServiceCollection AddFinanceTransactions(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(TransactionOptions.From(configuration))
        .AddSingleton<TransactionSyncEntity>()
        .AddSingleton<ISyncDomain, TransactionsSync>();
}
