using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Migration.Sagas.Domains.FinanceTransactions;

/// <summary>Settings of the reference that this domain keeps.</summary>
/// <param name="Grace">How long further events of a transaction may come in before its rows are read. The reference's word is <c>finance.transactions.forwardingDelaySeconds</c>.</param>
public sealed record TransactionOptions(TimeSpan Grace)
{
    static readonly string[] Keys =
        ["finance.transactions.forwardingDelaySeconds", "finance:transactions:forwardingDelaySeconds", "FINANCE_TRANSACTIONS_FORWARDINGDELAYSECONDS"];

    /// <exception cref="InvalidOperationException">The setting is no number of seconds from 0 to 900.</exception>
    public static TransactionOptions From(IConfiguration configuration)
    {
        var text = Keys.Select(x => configuration[x]).FirstOrDefault(x => !string.IsNullOrEmpty(x));
        if (text is null)
            return new TransactionOptions(TimeSpan.FromSeconds(5));
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 900
            ? new TransactionOptions(TimeSpan.FromSeconds(seconds))
            : throw new InvalidOperationException($"{Keys[0]} is '{text}': give seconds from 0 to 900.");
    }
}
