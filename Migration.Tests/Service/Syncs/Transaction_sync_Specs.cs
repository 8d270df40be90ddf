using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Migration.Simulator;
using Migration.Simulator.Events;
using Migration.Simulator.Mapping;
using Migration.Tests.Infrastructure;

namespace Migration.Tests.Service.Syncs;

/// <summary>Events of finance transactions through the service, with a grace of a second (spec: finance-transactions 10).</summary>
sealed class Transaction_sync_Specs : SyncServiceFixture
{
    const string Screen = "OTIDTACC";
    const string Pushes = "transactions-sync-pushes";
    const string Mappings = "transactions-sync-mappings";

    /// <summary>An event of a prisoner's row, or of a general-ledger row.</summary>
    public enum Row { Prisoner, Ledger }

    [TestCase(Row.Prisoner, TestName = "P2 to P4: a prisoner's row")]
    [TestCase(Row.Ledger, TestName = "G3: a general-ledger row")]
    public async Task Should_post_a_transaction_and_map_it(Row row)
    {
        var id = NewTransaction();
        var messageId = Guid.NewGuid();

        await SendAsync(Inserted(id, row), messageId);
        await UntilAsync(messageId, "Completed");

        var report = Estate.Transaction(id);
        var told = await ToldAsync("transactions-synchronisation-created-success", "nomisTransactionId", Text(id));
        Assert.Multiple(() =>
        {
            Assert.That(Estate.RequestsOf(Operations.SyncTransaction), Is.EqualTo(1));
            Assert.That((report.Dps!.RequestIds, report.MissingEntries), Is.EqualTo((new[] { messageId }, Array.Empty<int>())));
            Assert.That((report.Mapping!.DpsId, report.Mapping.MappingType, report.Mapping.OffenderNo), Is.EqualTo((report.Dps.Receipts[0].ToString(), "NOMIS_CREATED", Account(id).OffenderNo)));
            Assert.That(told, Is.EquivalentTo(Base(id, ("dpsTransactionId", report.Mapping.DpsId))));
        });
    }

    [TestCase(Row.Prisoner, true, "created", TestName = "P1")]
    [TestCase(Row.Prisoner, false, "updated", TestName = "P9")]
    [TestCase(Row.Ledger, true, "created", TestName = "G1")]
    [TestCase(Row.Ledger, false, "updated", TestName = "G5")]
    public async Task Should_leave_alone_what_dps_wrote_itself(Row row, bool isInsert, string word)
    {
        var id = NewTransaction();

        await SendAsync(Event(id, row, isInsert, NomisEvents.DpsModule));

        var told = await ToldAsync($"transactions-synchronisation-{word}-skipped", "nomisTransactionId", Text(id));
        Assert.That(told, Is.EquivalentTo(row == Row.Ledger ? Base(id, ("glSequence", "1")) : Base(id)));
        Assert.That(Count(Operations.GetTransaction, Operations.FindTransactionMapping, Operations.SyncTransaction), Is.EqualTo((0, 0, 0)));
    }

    [TestCase(Row.Prisoner, true, "created", TestName = "P5")]
    [TestCase(Row.Prisoner, false, "updated", TestName = "P10")]
    [TestCase(Row.Ledger, true, "created", TestName = "G4")]
    [TestCase(Row.Ledger, false, "updated", TestName = "G7")]
    public async Task Should_post_once_more_what_is_mapped_already(Row row, bool isInsert, string word)
    {
        var id = await MappedAsync();

        await SyncAsync(Event(id, row, isInsert, Screen));

        var told = await ToldAsync($"transactions-synchronisation-{word}-success-additional", "nomisTransactionId", Text(id));
        Assert.That(told, Contains.Key("dpsTransactionId"));
        Assert.That((Estate.RequestsOf(Operations.SyncTransaction), Estate.RequestsOf(Operations.CreateTransactionMapping)), Is.EqualTo((2, 1)));
    }

    [TestCase(Row.Prisoner, TestName = "P11")]
    [TestCase(Row.Ledger, TestName = "G8")]
    public async Task Should_post_and_map_an_update_of_what_is_not_mapped(Row row)
    {
        var id = NewTransaction();

        await SyncAsync(Event(id, row, isInsert: false, Screen));

        Assert.That(await ToldAsync("transactions-synchronisation-updated-missing-mapping", "nomisTransactionId", Text(id)), Is.EquivalentTo(Base(id)));
        Assert.That(await ToldAsync("transactions-synchronisation-updated-success", "nomisTransactionId", Text(id)), Contains.Key("dpsTransactionId"));
        Assert.That(Estate.Transaction(id).Mapping, Is.Not.Null);
    }

    [Test]
    public async Task Should_write_a_mapping_that_failed_at_first_without_posting_again() // P6
    {
        var id = NewTransaction();
        using var refusal = Refuse(Operations.CreateTransactionMapping, 500, times: 1);

        await SyncAsync(Inserted(id));

        Assert.That((Estate.RequestsOf(Operations.SyncTransaction), Estate.RequestsOf(Operations.CreateTransactionMapping)), Is.EqualTo((1, 2)));
        Assert.That((await ToldAsync("transactions-synchronisation-created-success", "nomisTransactionId", Text(id)))["mapping"], Is.EqualTo("initial-failure"));
        Assert.That(await ToldAsync("transactions-mapping-created-synchronisation-success", "nomisTransactionId", Text(id)),
            Is.EquivalentTo(Base(id, ("dpsTransactionId", Estate.Transaction(id).Mapping!.DpsId))));
    }

    [Test]
    public async Task Should_take_a_conflict_for_success_once_the_mapping_is_late() // 6.4
    {
        var id = NewTransaction();
        using var race = After(Operations.SyncTransaction, () => MapElsewhere(id));
        using var refusal = Refuse(Operations.CreateTransactionMapping, 500, times: 1); // then 409

        await SyncAsync(Inserted(id));

        Assert.That(await ToldAsync("transactions-mapping-created-synchronisation-success", "nomisTransactionId", Text(id)),
            Is.EquivalentTo(Base(id, ("dpsTransactionId", Estate.Transaction(id).Dps!.Receipts.Single().ToString()))));
        Assert.That(Estate.RequestsOf(Operations.CreateTransactionMapping), Is.EqualTo(2));
        Assert.That(Host.Telemetry.Named("transaction-from-nomis-synch-duplicate"), Is.Empty);
    }

    [Test]
    public async Task Should_fail_when_the_mapping_always_fails() // P7
    {
        var id = NewTransaction();
        using var refusal = Refuse(Operations.CreateTransactionMapping, 500);
        var before = DeadLetters(Mappings);

        await SyncAsync(Inserted(id), "Failed");

        Assert.That((Estate.RequestsOf(Operations.SyncTransaction), Estate.RequestsOf(Operations.CreateTransactionMapping)), Is.EqualTo((1, Attempts)));
        await AssertDeadLetterAsync(Mappings, before, "prisoner-from-nomis-synchronisation-RETRY_SYNCHRONISATION_MAPPING");
        Assert.That((await ToldAsync("transactions-synchronisation-created-success", "nomisTransactionId", Text(id)))["mapping"], Is.EqualTo("initial-failure"));
    }

    [TestCase(true, "created", TestName = "P8")]
    [TestCase(false, "updated", TestName = "P12")]
    public async Task Should_tell_each_attempt_that_dps_fails(bool isInsert, string word)
    {
        var id = NewTransaction();
        using var refusal = Refuse(Operations.SyncTransaction, 500);
        var before = DeadLetters(Pushes);

        await SyncAsync(Event(id, Row.Prisoner, isInsert, Screen), "Failed");

        await Eventually.IsTrue(() => Told($"transactions-synchronisation-{word}-failed", "nomisTransactionId", Text(id)).Count == Attempts);
        Assert.That(Told($"transactions-synchronisation-{word}-failed", "nomisTransactionId", Text(id)).Select(x => x["error"]), Is.All.Contains("500"));
        Assert.That((Estate.RequestsOf(Operations.SyncTransaction), Estate.RequestsOf(Operations.CreateTransactionMapping)), Is.EqualTo((Attempts, 0)));
        await AssertDeadLetterAsync(Pushes, before, isInsert ? "OFFENDER_TRANSACTIONS-INSERTED" : "OFFENDER_TRANSACTIONS-UPDATED");
    }

    [TestCase(true, "created", TestName = "G2")]
    [TestCase(false, "updated", TestName = "G6")]
    public async Task Should_ignore_a_transaction_of_the_prison_alone(bool isInsert, string word)
    {
        var id = NewTransaction(isOfPrisonAlone: true);

        await SyncAsync(NomisEvents.GeneralLedgerTransaction(id, 1, 1, "SWI", offenderNo: null, bookingId: null, Screen, isInsert), "Ignored");

        Assert.That((await ToldAsync($"transactions-synchronisation-gl-{word}-ignored", "nomisTransactionId", Text(id)))["bookingId"], Is.EqualTo("null"));
        Assert.That((Estate.RequestsOf(Operations.SyncTransaction), Estate.RequestsOf(Operations.CreateTransactionMapping)), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Should_fail_when_nomis_does_not_know_the_transaction() // G9
    {
        var id = NewTransaction();
        using var refusal = Refuse(Operations.GetTransaction, 404);

        await SyncAsync(Event(id, Row.Ledger, isInsert: false, Screen), "Failed");

        await Eventually.IsTrue(() => Told("transactions-synchronisation-updated-failed", "nomisTransactionId", Text(id)).Count == Attempts);
        Assert.That(Estate.RequestsOf(Operations.CreateTransactionMapping), Is.Zero);
    }

    [Test]
    public async Task Should_post_once_for_events_that_come_together() // B1, B2
    {
        var id = NewTransaction();

        var syncs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(Inserted(id))));

        await Eventually.IsTrue(async () => (await Task.WhenAll(syncs.Select(FindAsync))).Count(x => (string?)x["state"] is "Completed" or "Superseded") == 4);
        Assert.That((await Task.WhenAll(syncs.Select(FindAsync))).Count(x => (string?)x["state"] == "Completed"), Is.EqualTo(1));
        Assert.That(Estate.RequestsOf(Operations.SyncTransaction), Is.EqualTo(1));
        Assert.That(await World.ReadAsync<bool>("select bool_and(ended_at - received_at >= interval '1 second') from migration.syncs where state = 'Completed'"), Is.True, "not before the grace");
    }

    [Test]
    public async Task Should_repair_a_transaction_that_is_mapped() // R2 to R4
    {
        var id = await MappedAsync();

        using var response = await Host.Operator.PostAsync($"/transactions/{id}/repair", content: null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NoContent), await response.Content.ReadAsStringAsync());
        Assert.That(Count(Operations.SyncTransaction, Operations.CreateTransactionMapping, Operations.GetGeneralLedger), Is.EqualTo((2, 1, 0)));
        Assert.That(await ToldAsync("transaction-resynchronisation-repair", "transactionId", Text(id)), Has.Count.EqualTo(1));
        Assert.That(await ToldAsync("transactions-synchronisation-repair-success-additional", "nomisTransactionId", Text(id)), Contains.Key("dpsTransactionId"));
    }

    [Test]
    public async Task Should_tell_of_a_repair_whose_caller_did_not_wait() // R4
    {
        var id = NewTransaction();
        using var held = new HeldRequests(Estate, Operations.SyncTransaction);
        using var patience = new CancellationTokenSource();
        var asked = Host.Operator.PostAsync($"/transactions/{id}/repair", content: null, patience.Token);
        await Eventually.IsTrue(() => held.Arrived == 1);

        await patience.CancelAsync();
        Assert.That(async () => await asked, Throws.InstanceOf<OperationCanceledException>());
        held.Release();

        Assert.That(await ToldAsync("transaction-resynchronisation-repair", "transactionId", Text(id)), Has.Count.EqualTo(1));
        Assert.That(await ToldAsync("transactions-synchronisation-repair-success", "nomisTransactionId", Text(id)), Contains.Key("dpsTransactionId"));
    }

    [Test]
    public async Task Should_not_repair_a_transaction_without_prisoners() // R5
    {
        var id = NewTransaction(isOfPrisonAlone: true);

        using var response = await Host.Operator.PostAsync($"/transactions/{id}/repair", content: null);

        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That((response.StatusCode, (string?)body["userMessage"]), Is.EqualTo((HttpStatusCode.NotFound, $"Not Found: No prisoner transaction found in nomis for transactionId={id}")));
        Assert.That(Estate.RequestsOf(Operations.SyncTransaction), Is.Zero);
        Assert.That(Host.Telemetry.Named("transaction-resynchronisation-repair"), Is.Empty);
    }

    [Test]
    public async Task Should_show_what_would_be_sent() // D3
    {
        var id = NewTransaction();

        var payload = await Host.GetAsync($"/sync/prisoner-transaction/payload/{id}");

        Assert.Multiple(() =>
        {
            Assert.That(Guid.Parse((string)payload["requestId"]!), Is.Not.EqualTo(Guid.Empty));
            payload.Remove("requestId");
            Assert.That(JsonNode.DeepEquals(payload, Expected(id)), $"{payload.ToJsonString()} instead of {Expected(id).ToJsonString()}");
        });
        Assert.That(Estate.RequestsOf(Operations.SyncTransaction), Is.Zero);
    }

    [Test]
    public async Task Should_tell_of_a_mapping_that_stands_already()
    {
        var id = NewTransaction();
        using var race = After(Operations.SyncTransaction, () => MapElsewhere(id));

        await SyncAsync(Inserted(id));

        var ours = Estate.Transaction(id).Dps!.Receipts.Single().ToString();
        Assert.That(await ToldAsync("transaction-from-nomis-synch-duplicate", "duplicateNomisTransactionId", Text(id)), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["duplicateDpsTransactionId"] = ours,
            ["duplicateNomisTransactionId"] = Text(id),
            ["existingDpsTransactionId"] = Guid.Empty.ToString(),
            ["existingNomisTransactionId"] = Text(id),
        }));
        Assert.That(await ToldAsync("transactions-synchronisation-created-success", "nomisTransactionId", Text(id)), Is.EquivalentTo(Base(id, ("dpsTransactionId", ours))));
        Assert.That(Estate.RequestsOf(Operations.CreateTransactionMapping), Is.EqualTo(1));
    }

    /// <summary>A transaction that DPS does not know; its rows are all there.</summary>
    long NewTransaction(bool isOfPrisonAlone = false)
    {
        while (true)
        {
            var id = Estate.Transactions.Begin();
            if (Estate.Transactions.IsOfPrisonAlone(id) != isOfPrisonAlone || Account(id).BookingId is null)
                continue;
            Estate.Transactions.Commit(id, int.MaxValue / 2);
            return id;
        }
    }

    async Task<long> MappedAsync()
    {
        var id = NewTransaction();
        await SyncAsync(Inserted(id));
        return id;
    }

    /// <summary>Somebody else maps the transaction.</summary>
    void MapElsewhere(long id) => Estate.Map(new TransactionMapping(id, Guid.Empty.ToString(), BookingId: null, Account(id).OffenderNo, Label: null, "NOMIS_CREATED", DateTime.Now));

    /// <summary>The request for a transaction, without its id (3.1).</summary>
    JsonObject Expected(long id)
    {
        var rows = Estate.Transactions.Rows(id).OrderBy(x => x.Entry).ToList();
        var first = rows[0];
        return new JsonObject
        {
            ["transactionId"] = id,
            ["caseloadId"] = first.Caseload,
            ["transactionTimestamp"] = first.Ledger[0].Timestamp.ToString("s", CultureInfo.InvariantCulture),
            ["createdAt"] = first.Created.ToString("s", CultureInfo.InvariantCulture),
            ["createdBy"] = first.CreatedBy,
            ["createdByDisplayName"] = "OMS Owner",
            ["lastModifiedAt"] = null,
            ["lastModifiedBy"] = null,
            ["lastModifiedByDisplayName"] = "Unknown",
            ["offenderTransactions"] = new JsonArray([.. rows.Select(row => new JsonObject
            {
                ["entrySequence"] = row.Entry,
                ["offenderId"] = row.OffenderId,
                ["offenderDisplayId"] = row.OffenderNo,
                ["offenderBookingId"] = row.BookingId,
                ["subAccountType"] = row.SubAccount,
                ["postingType"] = row.IsCredit ? "CR" : "DR",
                ["type"] = row.Type,
                ["description"] = row.Reference is null ? "" : "Entry of the day",
                ["amount"] = row.Amount,
                ["reference"] = row.Reference,
                ["generalLedgerEntries"] = new JsonArray([.. row.Ledger.Select(x => new JsonObject
                {
                    ["entrySequence"] = x.LedgerEntry,
                    ["code"] = x.AccountCode,
                    ["postingType"] = x.IsCredit ? "CR" : "DR",
                    ["amount"] = x.Amount,
                })]),
            })]),
        };
    }

    NomisEvent Inserted(long id, Row row = Row.Prisoner) => Event(id, row, isInsert: true, Screen);

    NomisEvent Event(long id, Row row, bool isInsert, string auditModule)
    {
        var (_, offenderNo, bookingId) = Account(id);
        return row == Row.Prisoner
            ? NomisEvents.OffenderTransaction(id, 1, "SWI", offenderNo, bookingId, auditModule, isInsert)
            : NomisEvents.GeneralLedgerTransaction(id, 1, 1, "SWI", offenderNo, bookingId, auditModule, isInsert);
    }

    (long OffenderId, string OffenderNo, long? BookingId) Account(long id) => Estate.Transactions.AccountOf(id, 1);

    Dictionary<string, string> Base(long id, params (string Name, string Value)[] more) => new(more.Select(x => KeyValuePair.Create(x.Name, x.Value)))
    {
        ["nomisTransactionId"] = Text(id),
        ["offenderNo"] = Account(id).OffenderNo,
        ["bookingId"] = Text(Account(id).BookingId!.Value), // NewTransaction sees to it
    };

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
