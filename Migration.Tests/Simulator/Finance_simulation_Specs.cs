using System.Net;
using Migration.Clients;
using Migration.Clients.PrisonerFinance;
using Migration.Simulator;

namespace Migration.Tests.Simulator;

internal sealed class Finance_simulation_Specs : EstateFixture
{
    private const long Id = 7;

    [Test]
    public async Task Should_post_each_row_once_and_give_every_request_another_id()
    {
        var request = Transaction(Row(1));
        var first = await Sync(request);
        var again = await Sync(request);
        var more = await Sync(Transaction(Row(1), Row(2)));

        var held = Estate.Transaction(Id).Dps!;
        Assert.Multiple(() =>
        {
            Assert.That(new[] { first, again, more }.Select(answer => (int?)answer.Status), Is.EqualTo(new int?[] { 201, 200, 201 }));
            Assert.That(new[] { first, again, more }.Select(answer => answer.Body!.Action), Is.EqualTo(new[] { TransactionAction.Created, TransactionAction.Processed, TransactionAction.Created }));
            Assert.That(held.Rows.Select(row => row.Entry), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(held.Receipts, Is.EqualTo(new[] { first, again, more }.Select(answer => answer.Body!.SynchronizedTransactionId)).And.Unique);
            Assert.That(held.RequestIds.Take(2), Is.All.EqualTo(request.RequestId));
            Assert.That(first.Body!.RequestId, Is.EqualTo(request.RequestId));
        });
    }

    [Test]
    public async Task Should_leave_a_row_as_it_was_posted()
    {
        await Sync(Transaction(Row(1, ledgerRows: 1)));

        var corrected = Row(1, ledgerRows: 2);
        corrected.Amount = 99;
        await Sync(Transaction(corrected));

        Assert.That(Estate.Transaction(Id).Dps!.Rows.Single(), Is.EqualTo(new Migration.Simulator.Finance.DpsTransactionRow(1, 5.42m, 1, IsLedgerMadeUp: false)));
    }

    [TestCase("OT")]
    [TestCase("ATOF")]
    public async Task Should_refuse_a_transaction_of_which_no_row_can_be_posted(string type)
    {
        var answer = await Sync(Transaction(Row(1, type, ledgerRows: 0)));

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsRefusedWith(HttpStatusCode.BadRequest));
            Assert.That(Estate.Transaction(Id).Dps!.IsRefused);
        });
    }

    [Test]
    public async Task Should_drop_such_a_row_beside_others()
    {
        var answer = await Sync(Transaction(Row(1, "OT", ledgerRows: 0), Row(2)));

        Assert.Multiple(() =>
        {
            Assert.That((int?)answer.Status, Is.EqualTo(201));
            Assert.That(Estate.Transaction(Id).Dps!.Rows.Select(row => row.Entry), Is.EqualTo(new[] { 2 }));
        });
    }

    [Test]
    public async Task Should_make_up_the_ledger_of_a_transfer_for_good()
    {
        await Sync(Transaction(Row(1, "TIR", ledgerRows: 0)));
        await Sync(Transaction(Row(1, "TIR", ledgerRows: 2)));

        Assert.That(Estate.Transaction(Id).Dps!.Rows.Single().IsLedgerMadeUp);
    }

    [Test]
    public async Task Should_finish_with_the_next_request_what_failed_in_part()
    {
        Server.Faults.Finance = new UpstreamFaults { RowFailureRate = 0.5 };
        var rows = Enumerable.Range(1, 20).Select(entry => Row(entry)).ToArray();
        var partly = await Sync(Transaction(rows));
        var posted = Estate.Transaction(Id).Dps!.Rows.Count;
        Server.Faults.Finance = new UpstreamFaults();

        var finished = await Sync(Transaction(rows));

        Assert.Multiple(() =>
        {
            Assert.That(partly.IsRefusedWith(HttpStatusCode.UnprocessableEntity));
            Assert.That(TransactionReceipt.Read(partly.ErrorBody)!.Action, Is.EqualTo(TransactionAction.ProcessedWithErrors));
            Assert.That(posted, Is.InRange(1, 19));
            Assert.That((int?)finished.Status, Is.EqualTo(201));
            Assert.That(Estate.Transaction(Id).Dps!.Rows, Has.Count.EqualTo(20));
        });
    }

    [TestCase("5.425", "A1234AA", "SPEN", "MDI", "me")]
    [TestCase("5.42", "1234AA", "SPEN", "MDI", "me")]
    [TestCase("5.42", "A1234AA", "spen", "MDI", "me")]
    [TestCase("5.42", "A1234AA", "SPEN", "MOOR", "me")]
    [TestCase("5.42", "A1234AA", "SPEN", "MDI", "")]
    public async Task Should_refuse_what_its_rules_do_not_allow(decimal amount, string offenderNo, string type, string caseload, string user)
    {
        var row = Row(1, type);
        row.Amount = amount;
        row.OffenderDisplayId = offenderNo;
        var transaction = Transaction(row);
        transaction.CaseloadId = caseload;
        transaction.CreatedBy = user;

        Assert.That((await Sync(transaction)).IsRefusedWith(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_refuse_a_transaction_without_rows() => Assert.That((await Sync(Transaction())).IsRefusedWith(HttpStatusCode.BadRequest));

    private static SyncTransaction Transaction(params SyncOffenderTransaction[] rows) => new()
    {
        TransactionId = Id,
        RequestId = Guid.NewGuid(),
        CaseloadId = "MDI",
        TransactionTimestamp = new DateTime(2026, 11, 24, 10, 0, 3),
        CreatedAt = new DateTime(2026, 11, 24, 10, 0, 0),
        CreatedBy = "me",
        CreatedByDisplayName = "Me",
        OffenderTransactions = [.. rows],
    };

    private static SyncOffenderTransaction Row(int entry, string type = "SPEN", int ledgerRows = 2) => new()
    {
        EntrySequence = entry,
        OffenderId = 1,
        OffenderDisplayId = "G0001AA",
        SubAccountType = "REG",
        PostingType = PostingType.Debit,
        Type = type,
        Description = "",
        Amount = 5.42m,
        GeneralLedgerEntries =
        [
            .. Enumerable.Range(1, ledgerRows).Select(number => new SyncGeneralLedgerEntry { EntrySequence = number, Code = 2101, PostingType = PostingType.Credit, Amount = 5.42m }),
        ],
    };

    private Task<Answer<TransactionReceipt>> Sync(SyncTransaction transaction) => Answers.Of(Upstreams.Finance, ct => Client<IPrisonerFinance>().Sync(transaction, ct), default);
}
