using System.Net;
using System.Text.Json.Nodes;
using Migration.Clients;
using Migration.Clients.PrisonerFinance;

namespace Migration.Tests.Clients;

internal sealed class Prisoner_finance_client_Specs : ClientFixture<IPrisonerFinance>
{
    private const string Receipt = """{"requestId":"abcdef01-0000-1111-2222-000011112222","synchronizedTransactionId":"a04f7a8d-61aa-400c-9395-000011112222","action":"ACTION"}""";

    private static readonly SyncTransaction Transaction = new()
    {
        TransactionId = 2345678,
        RequestId = new Guid("abcdef01-0000-1111-2222-000011112222"),
        CaseloadId = "SWI",
        TransactionTimestamp = new DateTime(2021, 2, 3, 4, 5, 9),
        CreatedAt = new DateTime(2021, 2, 3, 4, 5, 6),
        CreatedBy = "me",
        CreatedByDisplayName = "Me",
        OffenderTransactions =
        [
            new SyncOffenderTransaction
            {
                EntrySequence = 1,
                OffenderId = 101,
                OffenderDisplayId = "A3864DZ",
                OffenderBookingId = 1234,
                SubAccountType = "REG",
                PostingType = PostingType.Credit,
                Type = "SPEN",
                Description = "desc",
                Amount = 5.40m,
                Reference = "ref",
                GeneralLedgerEntries = [new SyncGeneralLedgerEntry { EntrySequence = 1, Code = 1021, PostingType = PostingType.Debit, Amount = 6.71m }],
            },
        ],
    };

    [TestCase(201, "CREATED", TransactionAction.Created)]
    [TestCase(200, "PROCESSED", TransactionAction.Processed)]
    public async Task Should_post_a_transaction(int status, string action, TransactionAction expected) // P2
    {
        Upstream.Answers(status, Receipt.Replace("ACTION", action, StringComparison.Ordinal));

        var answer = await Answers.Of(Upstreams.Finance, ct => Client.Sync(Transaction, ct), default);

        var asked = Upstream.Requests.Single();
        var body = JsonNode.Parse("""
            {"transactionId":2345678,"requestId":"abcdef01-0000-1111-2222-000011112222","caseloadId":"SWI","transactionTimestamp":"2021-02-03T04:05:09",
             "createdAt":"2021-02-03T04:05:06","createdBy":"me","createdByDisplayName":"Me",
             "offenderTransactions":[{"entrySequence":1,"offenderId":101,"offenderDisplayId":"A3864DZ","offenderBookingId":1234,"subAccountType":"REG",
               "postingType":"CR","type":"SPEN","description":"desc","amount":5.40,"reference":"ref",
               "generalLedgerEntries":[{"entrySequence":1,"code":1021,"postingType":"DR","amount":6.71}]}]}
            """);
        Assert.Multiple(() =>
        {
            Assert.That((asked.Method, asked.Target, asked.Authorization), Is.EqualTo(("POST", "/finance-api/sync/offender-transactions", "Bearer token-1")));
            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), body), asked.Body);
            Assert.That(answer.Body!.Action, Is.EqualTo(expected));
            Assert.That(answer.Body.SynchronizedTransactionId, Is.EqualTo(new Guid("a04f7a8d-61aa-400c-9395-000011112222")));
        });
    }

    [Test]
    public async Task Should_keep_the_receipt_of_what_was_partly_posted()
    {
        Upstream.Answers(422, Receipt.Replace("ACTION", "PROCESSED_WITH_ERRORS", StringComparison.Ordinal));

        var answer = await Answers.Of(Upstreams.Finance, ct => Client.Sync(Transaction, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.UnprocessableEntity));
            Assert.That(TransactionReceipt.Read(answer.ErrorBody)!.Action, Is.EqualTo(TransactionAction.ProcessedWithErrors));
        });
    }

    [TestCase(null)]
    [TestCase("""{"status":422}""")]
    public void Should_not_make_up_a_receipt(string? body) => Assert.That(TransactionReceipt.Read(body), Is.Null);
}
