using Microsoft.Extensions.Configuration;
using Migration.Sagas.Domains.FinanceTransactions;

namespace Migration.Tests.FinanceTransactions;

/// <summary>The grace of a transaction, as the reference's deployments set it (spec: finance-transactions 6.1).</summary>
public sealed class Transaction_options_Specs
{
    const string Key = "finance.transactions.forwardingDelaySeconds";

    [TestCase(Key)]
    [TestCase("finance:transactions:forwardingDelaySeconds")]
    [TestCase("FINANCE_TRANSACTIONS_FORWARDINGDELAYSECONDS")]
    public void Should_take_the_grace_by_each_name_of_the_setting(string key) => Assert.That(From((key, "20")).Grace, Is.EqualTo(TimeSpan.FromSeconds(20)));

    [TestCase("0", 0), TestCase("0.5", 500), TestCase("900", 900_000)]
    public void Should_take_a_grace_of_up_to_what_sqs_can_delay(string seconds, int milliseconds) =>
        Assert.That(From((Key, seconds)).Grace, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));

    [Test]
    public void Should_wait_five_seconds_when_nothing_is_set([Values("", null)] string? seconds) => Assert.That(From((Key, seconds)).Grace, Is.EqualTo(TimeSpan.FromSeconds(5)));

    [TestCase("901"), TestCase("-1"), TestCase("5s"), TestCase("1,5"), TestCase("NaN")]
    public void Should_refuse_what_is_no_such_time(string seconds) =>
        Assert.That(() => From((Key, seconds)), Throws.InvalidOperationException.With.Message.Contains(Key).And.Message.Contains(seconds));

    static TransactionOptions From(params (string Key, string? Value)[] settings) =>
        TransactionOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(x => KeyValuePair.Create(x.Key, x.Value))).Build());
}
