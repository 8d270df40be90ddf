using Migration.Clients;
using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Clients;

internal sealed class Nomis_transactions_client_Specs : ClientFixture<INomisTransactions>
{
    private const string GeneralLedger = """
        {"transactionId":2345678,"transactionEntrySequence":1,"generalLedgerEntrySequence":1,"caseloadId":"SWI","amount":6.71,"type":"SPEN",
         "postingType":"DR","accountCode":1021,"description":"GL desc","transactionTimestamp":"2021-02-03T04:05:09","reference":"ref",
         "createdAt":"2021-02-03T04:05:07","createdBy":"me","createdByDisplayName":"Me"}
        """;

    private const string Row = $$"""
        {"transactionId":2345678,"transactionEntrySequence":1,"offenderId":101,"offenderNo":"A3864DZ","caseloadId":"SWI","amount":5.42,"type":"type",
         "postingType":"CR","description":"","entryDate":"2021-02-03","subAccountType":"SPND","createdAt":"2021-02-03T04:05:06.5","createdBy":"me",
         "createdByDisplayName":"Me","lastModifiedByDisplayName":"Unknown","generalLedgerTransactions":[{{GeneralLedger}}]}
        """;

    [Test]
    public async Task Should_read_a_transaction()
    {
        Upstream.Answers(200, $"[{Row}]");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetTransaction(2345678, ct), default);

        var row = answer.Body!.Single();
        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/transactions/2345678"));
            Assert.That(row.Amount, Is.EqualTo(5.42m));
            Assert.That(row.BookingId, Is.Null);
            Assert.That(row.SubAccountType, Is.EqualTo(SubAccountType.Spending));
            Assert.That(row.CreatedAt, Is.EqualTo(new DateTime(2021, 2, 3, 4, 5, 6, 500)));
            Assert.That((row.LastModifiedAt, row.LastModifiedBy, row.LastModifiedByDisplayName), Is.EqualTo(((DateTime?)null, (string?)null, "Unknown")));
            Assert.That(row.GeneralLedgerTransactions.Single().PostingType, Is.EqualTo(PostingType.Debit));
            Assert.That(row.GeneralLedgerTransactions.Single().Amount, Is.EqualTo(6.71m));
        });
    }

    [Test]
    public async Task Should_read_a_transaction_without_prisoners()
    {
        Upstream.Answers(200, "[]");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetTransaction(2345678, ct), default);

        Assert.That((answer.Kind, answer.Body!.Count), Is.EqualTo((AnswerKind.Done, 0)));
    }

    [Test]
    public async Task Should_read_the_general_ledger()
    {
        Upstream.Answers(200, $"[{GeneralLedger}]");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetGeneralLedger(2345678, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/transactions/2345678/general-ledger"));
            Assert.That(answer.Body!.Single().AccountCode, Is.EqualTo(1021));
        });
    }

    [Test]
    public async Task Should_not_read_a_posting_that_is_neither_credit_nor_debit()
    {
        Upstream.Answers(200, $"[{Row.Replace("\"CR\"", "\"XX\"", StringComparison.Ordinal)}]");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetTransaction(2345678, ct), default);

        Assert.That(answer.Kind, Is.EqualTo(AnswerKind.Unknown));
    }
}
